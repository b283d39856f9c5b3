# shellcheck shell=bash
# Messages, remembered values, locks: what all of these scripts share. Works with bash 3.2 (macOS) and later.

# Messages go to stderr, so that stdout stays what a caller may evaluate.
say() { printf '%s\n' "$*" >&2; }

die() {
	say "${0##*/}: $*"
	exit 1
}

# A path made absolute, without looking at where links lead.
absolute() {
	case $1 in
	/*) printf '%s\n' "$1" ;;
	*) printf '%s\n' "$PWD/$1" ;;
	esac
}

have() { command -v "$1" >/dev/null 2>&1; }

# first_program NAME PATH... prints the first that can be run. Ordinary users rarely have sbin on their PATH.
first_program() {
	local candidate
	for candidate in "$@"; do
		case $candidate in
		*/*) if [ -x "$candidate" ]; then printf '%s\n' "$candidate" && return; fi ;;
		*) if command -v "$candidate" 2>/dev/null; then return; fi ;;
		esac
	done
	return 1
}

# remember FILE VALUE, recall FILE: one value a file, readable by its owner only.
remember() {
	(umask 077 && mkdir -p "${1%/*}" && printf '%s\n' "$2" >"$1.new" && mv -f "$1.new" "$1")
}

recall() {
	local value=
	if [ -r "$1" ]; then read -r value <"$1" || true; fi
	printf '%s' "$value"
}

# A password of 128 random bits that needs no quoting anywhere.
new_password() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# quoted VALUE prints it as one word of the shell.
quoted() { printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"; }

# hold_lock FILE: one `servers` command at a time changes a set. The lock is on descriptor 9, ends with the process,
# and is not passed on to the servers (see spawn). Where flock is missing (macOS) the user takes care.
hold_lock() {
	have flock || return 0
	exec 9>"$1"
	flock -w 240 9 || die "another command has been changing these servers for four minutes; wait for it or end it, then try again"
}
