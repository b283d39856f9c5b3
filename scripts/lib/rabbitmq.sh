# shellcheck shell=bash disable=SC2034,SC2154 # names used by, and set by, scripts/servers
# A private RabbitMQ: own Erlang name server (epmd), own cookie, own folders, loopback only.
#
# Each server's file offers the same functions: _ports, _url, _programs, _prepare, _launch, _stop.

rabbitmq_ports=3 # AMQP, Erlang distribution, epmd
rabbitmq_title=RabbitMQ
rabbitmq_variable=BEDS_TEST_AMQP_URL

rabbitmq_url() {
	printf 'amqp://beds:%s@127.0.0.1:%s/%%2Fdev' "$(recall "$dir/rabbitmq/password")" "$(port_of rabbitmq 1)"
}

# The distribution's wrapper in sbin changes user; the script behind it does not.
rabbitmq_home() {
	local wrapper folder
	for folder in /usr/lib/rabbitmq/bin /usr/local/opt/rabbitmq/sbin /opt/homebrew/opt/rabbitmq/sbin; do
		if [ -x "$folder/rabbitmq-server" ] && [ -x "$folder/rabbitmqctl" ]; then
			printf '%s' "$folder"
			return
		fi
	done
	wrapper=$(first_program rabbitmq-server /usr/sbin/rabbitmq-server) || return 1
	dirname "$wrapper"
}

rabbitmq_programs() {
	rabbitmq_home >/dev/null && first_program epmd /usr/lib/erlang/bin/epmd /usr/lib64/erlang/bin/epmd >/dev/null
}

rabbitmq_prepare() {
	local home=$dir/rabbitmq
	(umask 077 && mkdir -p "$home/home" "$home/data" "$home/log" "$home/conf.d" "$home/generated")
	[ -n "$(recall "$home/password")" ] || remember "$home/password" "$(new_password)"
	# The default user is made when the data folder is empty; naming it here means that guest and the virtual host /
	# never exist.
	(
		umask 077
		cat >"$home/rabbitmq.conf" <<-CONF
			default_user = beds
			default_pass = $(recall "$home/password")
			default_vhost = /dev
			default_user_tags.administrator = true
		CONF
		printf '[].\n' >"$home/advanced.config"
		[ -e "$home/enabled_plugins" ] || printf '[].\n' >"$home/enabled_plugins"
	)
}

# rabbitmq_environment fills the array of that name for `env`: the environment of this instance. 127.0.0.1 has to be in
# all of these, or it listens on every interface. RUNNING_UNDER_SYSTEMD makes the start script replace itself by Erlang,
# so that the process id that we know is the server's.
rabbitmq_environment() {
	local home=$dir/rabbitmq
	environment=(
		-u NOTIFY_SOCKET
		BEDS_SERVERS_MARK="$home"
		HOME="$home/home"
		RUNNING_UNDER_SYSTEMD=true
		ERL_CRASH_DUMP="$home/log/erl_crash.dump"
		ERL_EPMD_ADDRESS=127.0.0.1
		ERL_EPMD_PORT="$(port_of rabbitmq 3)"
		RABBITMQ_NODENAME=beds@localhost
		RABBITMQ_NODE_IP_ADDRESS=127.0.0.1
		RABBITMQ_NODE_PORT="$(port_of rabbitmq 1)"
		RABBITMQ_DIST_PORT="$(port_of rabbitmq 2)"
		RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}'
		RABBITMQ_CTL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}'
		RABBITMQ_MNESIA_BASE="$home/data"
		RABBITMQ_LOG_BASE="$home/log"
		RABBITMQ_CONFIG_FILE="$home/rabbitmq.conf"
		RABBITMQ_CONFIG_FILES="$home/conf.d"
		RABBITMQ_ADVANCED_CONFIG_FILE="$home/advanced.config"
		RABBITMQ_CONF_ENV_FILE=/dev/null
		RABBITMQ_ENABLED_PLUGINS_FILE="$home/enabled_plugins"
		RABBITMQ_FEATURE_FLAGS_FILE="$home/feature_flags"
		RABBITMQ_GENERATED_CONFIG_DIR="$home/generated"
		RABBITMQ_PID_FILE="$home/rabbitmq.pid"
	)
}

rabbitmq_launch() {
	local home=$dir/rabbitmq epmd environment
	rabbitmq_environment
	if ! running "$home/epmd" >/dev/null; then
		epmd=$(first_program epmd /usr/lib/erlang/bin/epmd /usr/lib64/erlang/bin/epmd)
		spawn "$home/epmd" "$home/log/epmd.log" env "${environment[@]}" "$epmd" -address 127.0.0.1 -port "$(port_of rabbitmq 3)"
	fi
	spawn "$home/pid" "$home/log/server.log" env "${environment[@]}" "$(rabbitmq_home)/rabbitmq-server"
}

rabbitmq_ctl() {
	local environment
	rabbitmq_environment
	env "${environment[@]}" "$(rabbitmq_home)/rabbitmqctl" "$@"
}

rabbitmq_stop() {
	end "$dir/rabbitmq/pid" 60 RabbitMQ
	end "$dir/rabbitmq/epmd" 10 'the Erlang name server of RabbitMQ'
	sweep "$dir/rabbitmq"
}

# The node's own log, beds@localhost.log beside them, goes on from start to start; what hinders a start is in these.
rabbitmq_logs() { printf '%s\n' "$dir/rabbitmq/log/epmd.log" "$dir/rabbitmq/log/server.log"; }
