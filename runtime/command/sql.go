package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/beds-project/beds/runtime/config"
	"github.com/beds-project/beds/runtime/node"
	"github.com/beds-project/beds/runtime/store/maria/install"
)

// adminVariable names the privileged account that installs, in the driver's form.
const adminVariable = "BEDS_MARIADB_ADMIN_DSN"

type sqlFlags struct {
	dir           string
	createAccount bool
	only          string
}

func (a *App) runSQL(ctx context.Context, args []string) error {
	var f sqlFlags
	a.flags.StringVar(&f.dir, "dir", "sql", "`folder` that bedsgen emitted")
	a.flags.BoolVar(&f.createAccount, "create-account", false, "also make the node's own account of [mariadb], which may only execute procedures")
	a.flags.StringVar(&f.only, "only", "", "mariadb or mongodb; both by default")
	a.flags.Usage = func() {
		fmt.Fprintf(a.stderr, `usage: %s sql install [flags]

Installs the reviewed objects of %s in every enabled database: tables, indexes,
procedures and grants in MariaDB, collections and indexes in MongoDB. Doing it
again changes nothing that is up to date and drops no data.

MariaDB is reached with the privileged account in %s, such as
user:password@tcp(host:3306)/; the database of [mariadb] is made if it is missing.

`, a.name, "sql/", adminVariable)
		a.flags.PrintDefaults()
	}
	rest, err := a.parse(args, 1, 1)
	if err != nil {
		return err
	}
	if rest[0] != "install" {
		return usageError{fmt.Sprintf("there is no command \"sql %s\"; there is sql install", rest[0])}
	}
	cfg, err := a.load()
	if err != nil {
		return err
	}
	if _, err := fs.Stat(os.DirFS(f.dir), "install.sql"); err != nil {
		return usageError{fmt.Sprintf("%s holds no install.sql; -dir names the folder that bedsgen emitted", f.dir)}
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	if cfg.MariaDB.Enabled && f.only != config.StoreMongoDB {
		if err := a.installMaria(ctx, cfg, &f); err != nil {
			return err
		}
	}
	if cfg.MongoDB.Enabled && f.only != config.StoreMariaDB {
		return a.installMongo(ctx, cfg, &f)
	}
	return nil
}

func (a *App) installMaria(ctx context.Context, cfg *config.Config, f *sqlFlags) error {
	admin, err := adminConfig(cfg)
	if err != nil {
		return err
	}
	start := time.Now()
	report, err := install.Apply(ctx, admin, os.DirFS(f.dir), install.Options{CreateDatabase: true})
	if err != nil {
		return fmt.Errorf("mariadb: %w%s", err, cure(err))
	}
	for _, w := range report.Warnings {
		fmt.Fprintf(a.stdout, "mariadb: %s\n", w)
	}
	fmt.Fprintf(a.stdout, "mariadb: %d statements of %d files applied to %s in %s\n",
		report.Statements, report.Files, admin.DBName, time.Since(start).Round(time.Millisecond))
	if !f.createAccount {
		return nil
	}
	if err := install.Account(ctx, admin, cfg.MariaDB.User, string(cfg.MariaDB.Password)); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "mariadb: account %q may execute the procedures and nothing else\n", cfg.MariaDB.User)
	return nil
}

// cure says what to do where the server is not there, or the account may not do what
// it must.
func cure(err error) string {
	var dial *net.OpError
	if errors.As(err, &dial) {
		return "; is MariaDB running? address in [mariadb] says where, or " + adminVariable + " if it is set"
	}
	var e *mysql.MySQLError
	if errors.As(err, &e) && (e.Number == 1044 || e.Number == 1045 || e.Number == 1142 || e.Number == 1227 || e.Number == 1370) {
		return "; name a privileged account in " + adminVariable
	}
	return ""
}

// adminConfig is the privileged account, or the node's own where none is named.
func adminConfig(cfg *config.Config) (*mysql.Config, error) {
	c := mysql.NewConfig()
	if dsn := os.Getenv(adminVariable); dsn != "" {
		var err error
		if c, err = mysql.ParseDSN(dsn); err != nil {
			return nil, usageError{adminVariable + " is not of the form user:password@tcp(host:3306)/"}
		}
	} else {
		m := &cfg.MariaDB
		c.User, c.Passwd, c.Net, c.Addr = m.User, string(m.Password), "tcp", m.Address
		if path, ok := strings.CutPrefix(m.Address, "unix:"); ok {
			c.Net, c.Addr = "unix", path
		}
		host, _, _ := net.SplitHostPort(m.Address)
		tlsConfig, err := m.TLS.Client(host)
		if err != nil {
			return nil, err
		}
		c.TLS = tlsConfig
	}
	c.DBName = cfg.MariaDB.Database
	return c, nil
}

func (a *App) installMongo(ctx context.Context, cfg *config.Config, f *sqlFlags) error {
	start := time.Now()
	store, err := node.OpenMongo(ctx, cfg, nil)
	if err != nil {
		return err
	}
	defer store.Close(ctx) //nolint:errcheck // what was installed is reported
	report, err := store.Install(ctx, os.DirFS(f.dir))
	if err != nil {
		return fmt.Errorf("mongodb: %w", err)
	}
	for _, n := range report.Notices {
		fmt.Fprintf(a.stdout, "mongodb: note: %s\n", n)
	}
	fmt.Fprintf(a.stdout, "mongodb: %d commands applied to %s in %s\n", len(report.Applied), cfg.MongoDB.Database, time.Since(start).Round(time.Millisecond))
	return nil
}
