# shellcheck shell=bash
# Processes of ours: started, recognised and ended by process id, and never by name.
#
# A pid file holds the id and when that process started. An id alone may have been given to a stranger since; the two
# together are ours or nobody's.

# identity PID prints what tells this process from any other with the same id; nothing when it is gone or a zombie.
identity() {
	local line='' boot=''
	if [ -r /proc/self/stat ]; then
		{ read -r line <"/proc/$1/stat"; } 2>/dev/null || return 0
		line=${line##*) } # after the program's name, which may hold spaces
		# shellcheck disable=SC2086 # split into fields
		set -- $line
		case $1 in Z | X) return 0 ;; esac
		read -r boot </proc/sys/kernel/random/boot_id || true
		printf '%s-%s' "$boot" "${20}"
	else
		line=$(ps -o stat=,lstart= -p "$1" 2>/dev/null) || return 0
		case $line in Z*) return 0 ;; esac
		printf '%s' "${line#* }" | tr -s ' ' '-'
	fi
}

is_paused() {
	local line=
	if [ -r /proc/self/stat ]; then
		{ read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
		line=${line##*) }
	else
		line=$(ps -o stat= -p "$1" 2>/dev/null) || return 1
	fi
	case $line in T* | t*) return 0 ;; *) return 1 ;; esac
}

# running PIDFILE prints the id if that very process still runs.
running() {
	local pid='' was=''
	[ -r "$1" ] || return 1
	read -r pid was <"$1" || true
	[ -n "$pid" ] && [ -n "$was" ] && [ "$(identity "$pid")" = "$was" ] || return 1
	printf '%s' "$pid"
}

# spawn PIDFILE LOG COMMAND...: in a session of its own, so that no Ctrl-C reaches it, and without our lock.
spawn() {
	local pidfile=$1 log=$2 pid
	shift 2
	if have setsid; then
		setsid "$@" </dev/null >>"$log" 2>&1 9>&- &
	else
		nohup "$@" </dev/null >>"$log" 2>&1 9>&- &
	fi
	pid=$!
	remember "$pidfile" "$pid $(identity "$pid")"
}

# gone_within PIDFILE SECONDS
gone_within() {
	local tenths=$(($2 * 10))
	while running "$1" >/dev/null; do
		[ "$tenths" -gt 0 ] || return 1
		tenths=$((tenths - 1))
		sleep 0.1
	done
}

# end PIDFILE SECONDS NAME: ask politely, then insist.
end() {
	local pid
	if pid=$(running "$1"); then
		kill -TERM "$pid" 2>/dev/null || true
		kill -CONT "$pid" 2>/dev/null || true # a paused process hears nothing
		if ! gone_within "$1" "$2"; then
			say "$3 did not end within $2 seconds and is now killed."
			kill_now "$1"
		fi
	fi
	rm -f "$1"
}

kill_now() {
	local pid
	pid=$(running "$1") || return 0
	kill -KILL "$pid" 2>/dev/null || true
	gone_within "$1" 30 || say "Process $pid does not go away although it was killed; look at it with: ps -p $pid"
}

# marked MARK prints the ids of the live processes that carry BEDS_SERVERS_MARK=MARK in their environment: every
# server of ours and all of its children, whatever they call themselves. Linux only; prints nothing elsewhere.
marked() {
	local environ pid
	[ -r /proc/self/environ ] || return 0
	for environ in /proc/[0-9]*/environ; do
		[ -r "$environ" ] || continue
		if tr '\0' '\n' 2>/dev/null <"$environ" | grep -qxF "BEDS_SERVERS_MARK=$1"; then
			pid=${environ#/proc/}
			pid=${pid%/environ}
			[ -z "$(identity "$pid")" ] || printf '%s\n' "$pid"
		fi
	done 2>/dev/null
}

# sweep MARK: children that outlived their server get five seconds, then are killed.
sweep() {
	local left tenths=50 pid
	while left=$(marked "$1") && [ -n "$left" ]; do
		if [ "$tenths" -eq 0 ]; then
			for pid in $left; do kill -KILL "$pid" 2>/dev/null || true; done
			return
		fi
		tenths=$((tenths - 5))
		sleep 0.5
	done
}
