package load_test

import (
	"testing"

	"github.com/beds-project/beds/gen/load"
)

func TestTemplatesOfTheRepositoryAreFine(t *testing.T) {
	result, err := load.Dir("../../recs")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range result.Findings {
		t.Error(f)
	}
	if result.Set == nil || len(result.Set.Templates) < 3 {
		t.Fatal("fewer templates than there are files")
	}
}
