// Package mongo emits what the DBA of a MongoDB server reviews and applies: for
// each template the collection with its validator and the collection's indexes, as
// complete database commands. A file can be run as it is:
//
//	db.runCommand(JSON.parse(fs.readFileSync("sql/msOrder/mongo_indexes.json")))
//
// The forms of values and the names of indexes are the contract with the runtime's
// store, which checks at start that they are installed.
package mongo

import (
	"github.com/beds-project/beds/gen/emit"
	"github.com/beds-project/beds/gen/model"
)

// Members of a document that are the store's own; see runtime/store/mongo.
const (
	memberID     = "_id"
	memberEvents = "_ev"
	memberKey    = "_key"
	ttlPrefix    = "_ttl_"
	ttlSuffix    = "_ttl"
)

// Files returns the command files of every template and of BEDS itself.
func Files(set *model.Set) []emit.File {
	files := Shared()
	for _, t := range set.Templates {
		files = append(files, Template(t)...)
	}
	return files
}

// Shared returns the command file of BEDS itself.
func Shared() []emit.File {
	return []emit.File{{Path: "sql/beds/mongo_requests.json", Content: []byte(requests)}}
}

// Template returns the command files of one template.
func Template(t *model.Template) []emit.File {
	at := "sql/" + t.Collection + "/"
	files := []emit.File{{Path: at + "mongo_validator.json", Content: appendValidator(make([]byte, 0, 4<<10), t)}}
	if len(t.Indexes) > 1 { // a command without indexes is refused
		files = append(files, emit.File{Path: at + "mongo_indexes.json", Content: appendIndexes(make([]byte, 0, 1<<10), t)})
	}
	return files
}

// requests is the collection of claims: one for each write, by its key. The node
// prunes it by age through the index.
const requests = `{
  "createIndexes": "beds_requests",
  "indexes": [
    {
      "key": {
        "made": 1
      },
      "name": "made"
    }
  ]
}
`
