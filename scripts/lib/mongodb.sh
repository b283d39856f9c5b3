# shellcheck shell=bash disable=SC2034,SC2154 # names used by, and set by, scripts/servers
# A private server for MongoDB's protocol: devstack (FerretDB with SQLite, built here), or with BEDS_USE_MONGOD=1 the
# mongod on the PATH. The two keep their data apart.

mongodb_ports=1
mongodb_title='The MongoDB server'
mongodb_variable=BEDS_TEST_MONGODB_URI

mongodb_url() { printf 'mongodb://127.0.0.1:%s/' "$(port_of mongodb 1)"; }

mongodb_programs() { return 0; } # devstack needs Go only, and a missing mongod is not ours to install

mongodb_prepare() {
	local home=$dir/mongodb
	(umask 077 && mkdir -p "$home/log" "$home/mongod")
	if [ "${BEDS_USE_MONGOD:-}" = 1 ]; then
		have mongod || {
			say "BEDS_USE_MONGOD=1 asks for a real MongoDB, but there is no mongod on the PATH; install MongoDB or unset the variable."
			return 1
		}
		return 0
	fi
	build_tool devstack . -tags ferretdb_no_postgresql
}

mongodb_launch() {
	local home=$dir/mongodb port
	port=$(port_of mongodb 1)
	if [ "${BEDS_USE_MONGOD:-}" = 1 ]; then
		spawn "$home/pid" "$home/log/server.log" env BEDS_SERVERS_MARK="$home" mongod --dbpath "$home/mongod" \
			--bind_ip 127.0.0.1 --port "$port" --nounixsocket
	else
		spawn "$home/pid" "$home/log/server.log" env BEDS_SERVERS_MARK="$home" "$dir/bin/devstack" \
			-listen "127.0.0.1:$port" -state "$home/ferretdb"
	fi
}

mongodb_stop() {
	end "$dir/mongodb/pid" 30 'the MongoDB server'
	sweep "$dir/mongodb"
}

mongodb_logs() { printf '%s\n' "$dir/mongodb/log/server.log"; }
