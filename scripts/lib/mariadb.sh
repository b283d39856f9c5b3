# shellcheck shell=bash disable=SC2034,SC2154 # names used by, and set by, scripts/servers
# A private MariaDB: own data folder, a random password for root, loopback only, no option file read but its own.

mariadb_ports=1
mariadb_title=MariaDB
mariadb_variable=BEDS_TEST_MARIADB_DSN

mariadb_url() {
	printf 'root:%s@tcp(127.0.0.1:%s)/' "$(recall "$dir/mariadb/password")" "$(port_of mariadb 1)"
}

mariadb_server() {
	first_program mariadbd /usr/sbin/mariadbd /usr/libexec/mariadbd /usr/local/opt/mariadb/bin/mariadbd /opt/homebrew/opt/mariadb/bin/mariadbd
}

mariadb_installer() {
	first_program mariadb-install-db /usr/bin/mariadb-install-db /usr/local/opt/mariadb/bin/mariadb-install-db /opt/homebrew/opt/mariadb/bin/mariadb-install-db
}

mariadb_programs() { mariadb_server >/dev/null && mariadb_installer >/dev/null; }

# mariadb_user: MariaDB refuses to run as root unless told to.
mariadb_user() { if [ "$(id -u)" -eq 0 ]; then printf '%s' --user=root; fi; }

mariadb_prepare() {
	local home=$dir/mariadb
	(umask 077 && mkdir -p "$home/log" "$home/tmp")
	[ -n "$(recall "$home/password")" ] || remember "$home/password" "$(new_password)"
	[ -e "$home/my.cnf" ] || printf '[mariadbd]\n' >"$home/my.cnf"
	if [ ! -e "$home/installed" ]; then
		rm -rf "$home/data" # a first installation that was interrupted
		# A relative folder: the installer falls over a space in the path.
		# shellcheck disable=SC2046 # no word at all when not root
		if ! (umask 077 && cd "$home" && "$(mariadb_installer)" --no-defaults $(mariadb_user) --datadir=./data \
			--auth-root-authentication-method=normal --skip-test-db >"$home/log/install.log" 2>&1 9>&-); then
			tail -n 20 "$home/log/install.log" >&2
			say "MariaDB's first data could not be made in $home/data; the last lines of $home/log/install.log are above."
			return 1
		fi
		remember "$home/installed" yes
	fi
	# Run before the first connection is accepted, at every start. 'root'@'127.0.0.1' is there besides localhost
	# because what 127.0.0.1 resolves to differs from machine to machine.
	(
		umask 077
		cat >"$home/init.sql" <<-SQL
			DELETE FROM mysql.global_priv WHERE User IN ('', 'root') AND Host NOT IN ('localhost', '127.0.0.1');
			FLUSH PRIVILEGES;
			CREATE USER IF NOT EXISTS 'root'@'127.0.0.1';
			GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;
			GRANT ALL PRIVILEGES ON *.* TO 'root'@'localhost' WITH GRANT OPTION;
			ALTER USER 'root'@'127.0.0.1' IDENTIFIED BY '$(recall "$home/password")';
			ALTER USER 'root'@'localhost' IDENTIFIED BY '$(recall "$home/password")';
		SQL
	)
}

# The socket's name is relative to the data folder: the path of a Unix socket must not exceed 107 bytes.
mariadb_launch() {
	local home=$dir/mariadb
	# shellcheck disable=SC2046 # no word at all when not root
	spawn "$home/pid" "$home/log/server.log" env BEDS_SERVERS_MARK="$home" "$(mariadb_server)" --defaults-file="$home/my.cnf" $(mariadb_user) \
		--datadir="$home/data" --tmpdir="$home/tmp" --socket=mariadb.sock --pid-file="$home/mariadbd.pid" \
		--bind-address=127.0.0.1 --port="$(port_of mariadb 1)" --init-file="$home/init.sql" \
		--character-set-server=utf8mb4 --collation-server=utf8mb4_general_ci \
		--max-allowed-packet=64M --max-connections=400 --event-scheduler=ON
}

mariadb_stop() {
	end "$dir/mariadb/pid" 60 MariaDB
	sweep "$dir/mariadb"
}

mariadb_logs() { printf '%s\n' "$dir/mariadb/log/server.log"; }
