package main
import ("testing";"github.com/beds-project/beds/gen/load";"github.com/beds-project/beds/gen/emit/golang";"github.com/beds-project/beds/gen/emit/sql";"github.com/beds-project/beds/gen/emit/mongo")
func BenchmarkGo(b *testing.B){ r,_:=load.Dir("/tmp/b1/recs"); for b.Loop() { golang.Files(golang.Config{Dir:"generated",ImportPath:"example.com/m/generated"}, r.Set) } }
func BenchmarkSQL(b *testing.B){ r,_:=load.Dir("/tmp/b1/recs"); for b.Loop() { sql.Files(r.Set) } }
func BenchmarkMongo(b *testing.B){ r,_:=load.Dir("/tmp/b1/recs"); for b.Loop() { mongo.Files(r.Set) } }
