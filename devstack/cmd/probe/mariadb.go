package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log"

	"github.com/go-sql-driver/mysql"
)

type mariaDB struct{}

func (mariaDB) with(ctx context.Context, dsn string, f func(*sql.DB) error) error {
	config, err := mysql.ParseDSN(dsn)
	if err != nil {
		return errors.New("the address is not a DSN such as user:password@tcp(127.0.0.1:3306)/")
	}
	config.Timeout, config.ReadTimeout, config.WriteTimeout = patience, patience, patience
	config.Logger = log.New(io.Discard, "", 0)
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	if _, err := db.ExecContext(ctx, "DO 1"); err != nil {
		return fmt.Errorf("MariaDB does not answer: %w", err)
	}
	return f(db)
}

func (m mariaDB) check(ctx context.Context, dsn string) error {
	return m.with(ctx, dsn, func(*sql.DB) error { return nil })
}

func (m mariaDB) write(ctx context.Context, dsn, token string) error {
	return m.with(ctx, dsn, func(db *sql.DB) error {
		for _, statement := range []string{
			"CREATE DATABASE IF NOT EXISTS beds_probe",
			"CREATE TABLE IF NOT EXISTS beds_probe.mark (token VARCHAR(64) PRIMARY KEY) ENGINE=InnoDB",
		} {
			if _, err := db.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		_, err := db.ExecContext(ctx, "INSERT INTO beds_probe.mark VALUES (?)", token)
		return err
	})
}

func (m mariaDB) read(ctx context.Context, dsn, token string) error {
	return m.with(ctx, dsn, func(db *sql.DB) error {
		var got string
		err := db.QueryRowContext(ctx, "SELECT token FROM beds_probe.mark WHERE token = ?", token).Scan(&got)
		if errors.Is(err, sql.ErrNoRows) {
			return errors.New("MariaDB has lost the mark")
		}
		return err
	})
}
