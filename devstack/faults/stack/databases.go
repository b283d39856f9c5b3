package stack

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	_ "github.com/go-sql-driver/mysql" // root's own way into MariaDB
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Databases are direct ways into both stores, past the product.
type Databases struct {
	Maria  *sql.DB // root, without a default database
	Mongo  *mongo.Database
	Schema string
}

// OpenDatabases opens both; servers that are killed later are dialled again.
func OpenDatabases(rootDSN, mongoURI, schema string) (*Databases, error) {
	dsn := strings.TrimSuffix(rootDSN, "/") + "/" + schema + "?sql_mode=%27STRICT_ALL_TABLES%2CERROR_FOR_DIVISION_BY_ZERO%2CNO_ZERO_IN_DATE%2CNO_ZERO_DATE%2CNO_ENGINE_SUBSTITUTION%27&timeout=5s&readTimeout=30s&writeTimeout=30s"
	maria, err := sql.Open("mysql", dsn)
	if err != nil {
		return nil, err
	}
	maria.SetMaxOpenConns(8)
	client, err := mongo.Connect(options.Client().ApplyURI(mongoURI))
	if err != nil {
		return nil, err
	}
	return &Databases{Maria: maria, Mongo: client.Database(schema), Schema: schema}, nil
}

// Close closes both.
func (d *Databases) Close(ctx context.Context) {
	_ = d.Maria.Close()
	_ = d.Mongo.Client().Disconnect(ctx)
}

// Exec runs statements as root, each on its own.
func (d *Databases) Exec(ctx context.Context, statements ...string) error {
	for _, s := range statements {
		if _, err := d.Maria.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", strings.SplitN(s, "\n", 2)[0], err)
		}
	}
	return nil
}

// witness are objects of the DBA beside the product's: triggers record every effect on
// msOrder in the very transaction that makes it, so that no double run can hide behind a
// unique index, a revision or a stored result.
var witness = []string{
	`CREATE TABLE IF NOT EXISTS faults_effects (
	  seq BIGINT AUTO_INCREMENT PRIMARY KEY, number VARCHAR(20) NOT NULL, kind VARCHAR(8) NOT NULL,
	  mark VARCHAR(64) NOT NULL, revision BIGINT NOT NULL, customer BINARY(16) NOT NULL, KEY customer (customer)
	) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin`,
	`CREATE OR REPLACE TRIGGER faults_inserted AFTER INSERT ON msOrder FOR EACH ROW
	  INSERT INTO faults_effects (number, kind, mark, revision, customer)
	  VALUES (NEW.number_ord, 'write', LEFT(COALESCE(NEW.note_ord, ''), 64), NEW.revision, NEW.customer_ord)`,
	`CREATE OR REPLACE TRIGGER faults_updated AFTER UPDATE ON msOrder FOR EACH ROW
	  INSERT INTO faults_effects (number, kind, mark, revision, customer)
	  VALUES (NEW.number_ord, IF(OLD.deleted IS NULL AND NEW.deleted IS NOT NULL, 'delete', 'update'),
	    LEFT(COALESCE(NEW.note_ord, ''), 64), NEW.revision, NEW.customer_ord)`,
	// A DBA-owned object that is not idempotent: it counts its runs.
	`CREATE TABLE IF NOT EXISTS faults_counter (name VARCHAR(64) PRIMARY KEY, runs BIGINT NOT NULL) ENGINE = InnoDB`,
	`CREATE OR REPLACE PROCEDURE msOrder_x_count (IN p_request JSON) MODIFIES SQL DATA SQL SECURITY DEFINER
	  BEGIN
	    INSERT INTO faults_counter VALUES (JSON_VALUE(p_request, '$.name'), 1) ON DUPLICATE KEY UPDATE runs = runs + 1;
	    SELECT runs FROM faults_counter WHERE name = JSON_VALUE(p_request, '$.name');
	  END`,
	`GRANT EXECUTE ON PROCEDURE msOrder_x_count TO beds_executor`,
}

// InstallWitness makes the DBA's objects.
func (d *Databases) InstallWitness(ctx context.Context) error { return d.Exec(ctx, witness...) }

// Forget removes what earlier runs left, so that scans stay short.
func (d *Databases) Forget(ctx context.Context) error {
	for _, name := range []string{"msExample", "beds_requests", "beds_locks"} {
		if _, err := d.Mongo.Collection(name).DeleteMany(ctx, bson.D{}); err != nil {
			return err
		}
	}
	return d.Exec(ctx, "DELETE FROM msOrder", "DELETE FROM beds_requests", "TRUNCATE faults_effects", "TRUNCATE faults_counter",
		"CREATE UNIQUE INDEX IF NOT EXISTS number ON msOrder (number_ord)")
}
