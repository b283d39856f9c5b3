# shellcheck shell=bash disable=SC2154 # names set by scripts/faults
# The builds that the fault suite needs beside the node itself. Each leaves its binary in $dir/bin.

# overlay NAME FROM TO...: a file for go build -overlay.
overlay() {
	local file=$1 list=
	shift
	while [ $# -gt 0 ]; do
		list="$list${list:+,}\"$1\":\"$2\""
		shift 2
	done
	printf '{"Replace":{%s}}\n' "$list" >"$file"
}

# For the self-test: the same node, but its requests' keys are made anew for every delivery.
build_broken() {
	sed 's/^\tkey := req\.Key$/\tkey := req.Key + time.Now().Format("150405.000000000")/' runtime/core.go >"$dir/broken.go"
	if cmp -s runtime/core.go "$dir/broken.go"; then
		die "runtime/core.go has no line 'key := req.Key' any more; adapt build_broken in scripts/lib/faults.sh"
	fi
	overlay "$dir/broken.json" "$root/runtime/core.go" "$dir/broken.go"
	CGO_ENABLED=0 go build -overlay "$dir/broken.json" -o "$dir/bin/beds-broken" ./cmd/beds
}

# The same node with a wall clock that can be stepped, see devstack/faults/clock. Go's own file is changed on the way
# into the compiler; nothing of Go is kept in the repository.
build_clock() {
	local original
	original=$(go env GOROOT)/src/time/time.go
	sed -E 's/^\tsec, nsec, mono := (runtimeNow|now)\(\)$/&\
	if Stepped != nil {\
		sum := int64(nsec) + *Stepped\
		sec, nsec = sec+sum\/1e9, int32(sum%1e9)\
		if nsec < 0 {\
			sec, nsec = sec-1, nsec+1e9\
		}\
	}/' "$original" >"$dir/clock.go"
	if cmp -s "$original" "$dir/clock.go"; then
		die "$original reads the clock in another way than scripts/lib/faults.sh knows; adapt build_clock"
	fi
	printf '\n// Stepped is added to the wall clock, in nanoseconds.\nvar Stepped *int64\n' >>"$dir/clock.go"
	overlay "$dir/clock.json" "$original" "$dir/clock.go" "$root/cmd/beds/step.go" "$root/devstack/faults/clock/step.go"
	say "Building a node whose clock can be stepped; Go compiles its standard library anew for it the first time."
	CGO_ENABLED=0 go build -tags faultsclock -overlay "$dir/clock.json" -o "$dir/bin/beds-clock" ./cmd/beds
}

# An older node, from git: the one before the last change of what a node is made of, or of the revision in
# BEDS_FAULTS_OLD. Sets old to its binary, or no_old to the reason why there is none.
build_old() {
	local last revision
	old='' no_old=''
	last=$(git log -1 --format=%H -- runtime generated cmd/beds 2>/dev/null) || true
	revision=${BEDS_FAULTS_OLD:-${last:+$last^}}
	if [ -z "$revision" ] || ! revision=$(git rev-parse --verify --quiet "$revision^{commit}"); then
		[ -z "${BEDS_FAULTS_OLD:-}" ] || die "BEDS_FAULTS_OLD names no revision of this repository: $BEDS_FAULTS_OLD"
		no_old='git has no history here (a shallow clone, or no clone)'
		return
	fi
	old=$dir/bin/beds-$revision
	[ -x "$old" ] && return
	rm -rf "$dir/old"
	mkdir "$dir/old"
	git archive "$revision" | tar -x -C "$dir/old"
	(cd "$dir/old" && CGO_ENABLED=0 go build -buildvcs=false -o "$old" ./cmd/beds) || die "the older node, revision $revision, can't be built; name another revision in BEDS_FAULTS_OLD"
	rm -rf "$dir/old"
}

# find_faketime prints the library that changes a program's clock: MariaDB and RabbitMQ run with it in some cases.
find_faketime() {
	local file
	for file in /usr/lib/*/faketime/libfaketimeMT.so.1 /usr/lib*/faketime/libfaketimeMT.so.1; do
		if [ -r "$file" ]; then printf '%s' "$file" && return; fi
	done
	return 1
}
