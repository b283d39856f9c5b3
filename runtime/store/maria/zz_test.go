package maria_test
import ("testing";"context";"fmt";"time";"github.com/beds-project/beds/runtime")
func TestZZ(t *testing.T) {
	d := newDatabase(t)
	for _, n := range []int{1,16,256} {
	for round := range 6 {
	items := make([]runtime.Insert, n)
	for i := range items { items[i] = parcel(d.parcel, fmt.Sprint("z", serial.Add(1))) }
	a := d.number(t, "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME='Com_insert_select'")
	b := time.Now()
	d.store.Insert(context.Background(), d.parcel, items, false)
	el := time.Since(b)
	fmt.Println(n, round, el, d.number(t, "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME='Com_insert_select'")-a)
	}}
}
