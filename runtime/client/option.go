package client

// An Option shapes a request.
type Option func(*options)

// options are what an Option sets. They are no envelope.Request, so that generated
// packages, which mention Option, need not know what a request consists of.
type options struct {
	limit            int
	cursor, key      string
	sort, projection []string
	dryRun, atomic   bool
}

// Limit is the largest number of records of a page.
func Limit(n int) Option { return func(o *options) { o.limit = n } }

// After continues behind the page that gave the cursor.
func After(cursor string) Option { return func(o *options) { o.cursor = cursor } }

// Sort orders by public names, "-" in front for descending, along the index.
func Sort(names ...string) Option { return func(o *options) { o.sort = names } }

// Return limits the reply to these public names; other fields stay absent.
func Return(names ...string) Option { return func(o *options) { o.projection = names } }

// Key sets the idempotency key of a write, up to 128 bytes of printable ASCII.
// Without it, every call is a new event with a key of its own.
func Key(key string) Option { return func(o *options) { o.key = key } }

// DryRun checks the request without running it.
func DryRun() Option { return func(o *options) { o.dryRun = true } }

// Atomic makes all records of a WriteAll take effect or none.
func Atomic() Option { return func(o *options) { o.atomic = true } }
