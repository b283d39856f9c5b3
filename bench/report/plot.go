package report

import (
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/beds-project/beds/bench/suite"
)

// palette is told apart by people who see few colours (Okabe and Ito).
var palette = []color.Color{
	color.RGBA{0, 114, 178, 255}, color.RGBA{230, 159, 0, 255}, color.RGBA{0, 158, 115, 255},
	color.RGBA{204, 121, 167, 255}, color.RGBA{86, 180, 233, 255}, color.RGBA{213, 94, 0, 255},
}

// The size of every plot.
const width, height = 20 * vg.Centimeter, 11 * vg.Centimeter

func newPlot(title, x, y string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Title.Padding, p.BackgroundColor = vg.Points(8), color.White
	p.Legend.Top, p.Legend.Left, p.Legend.Padding = true, true, vg.Points(2)
	p.Add(plotter.NewGrid())
	return p
}

// outlier is how many times as much as the first contestant one may need or do to be drawn beside it.
const outlier = 3

// drawable returns the series that can be seen beside the first, and the names of the others.
func drawable(r *suite.Result, of func(*suite.Measure) float64) (shown []suite.Series, others []string) {
	limit := outlier * spreadOf(r.Series[0].Runs, of).median
	for _, s := range r.Series {
		if spreadOf(s.Runs, of).median > limit {
			others = append(others, s.Name)
			continue
		}
		shown = append(shown, s)
	}
	return shown, others
}

// costs draws what one operation costs each process, as stacked bars, a bar for each contestant.
func costs(r *suite.Result, file string) error {
	p := newPlot("CPU for one of the "+r.Unit+": "+r.Title, "", "µs")
	p.Legend.Left = false
	series, _ := drawable(r, total)
	parts := []struct {
		name string
		of   func(*suite.Measure) float64
	}{{"server", server}, {"broker", broker}, {"database", database}, {"client", client}}
	var below *plotter.BarChart
	for i, part := range parts {
		values := make(plotter.Values, len(series))
		for j := range series {
			values[j] = max(0, spreadOf(series[j].Runs, part.of).median)
		}
		b, err := plotter.NewBarChart(values, barWidth(series))
		if err != nil {
			return err
		}
		b.Color, b.LineStyle.Width = palette[i], 0
		if below != nil {
			b.StackOn(below)
		}
		below = b
		p.Add(b)
		p.Legend.Add(part.name, b)
	}
	nominal(p, series)
	return p.Save(width, height, file)
}

func barWidth(series []suite.Series) vg.Length { return vg.Points(max(8, 260/float64(len(series)))) }

// nominal writes the contestants' names under the bars, turned so that all have room.
func nominal(p *plot.Plot, series []suite.Series) {
	var names []string
	for i := range series {
		names = append(names, series[i].Name)
	}
	p.NominalX(names...)
	p.X.Tick.Label.Rotation = math.Pi / 6
	p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = draw.XRight, draw.YCenter
	p.X.Min, p.X.Max = -.7, float64(len(series))-.3
	p.Y.Min, p.Y.Max = 0, p.Y.Max*1.05
	p.X.Tick.LineStyle.Width = 0
}

// throughput draws the rates as bars with the range of the runs.
func throughput(r *suite.Result, file string) error {
	p := newPlot(r.Title, "", r.Unit+" a second")
	series, _ := drawable(r, rate)
	values := make(plotter.Values, len(series))
	for i := range series {
		values[i] = spreadOf(series[i].Runs, rate).median
	}
	bars, err := plotter.NewBarChart(values, barWidth(series))
	if err != nil {
		return err
	}
	bars.Color, bars.LineStyle.Width = palette[0], 0
	ranges, err := plotter.NewYErrorBars(spans(series))
	if err != nil {
		return err
	}
	p.Add(bars, ranges)
	nominal(p, series)
	return p.Save(width, height, file)
}

// ranged are the rates with what separates them from their least and their largest.
type ranged struct {
	plotter.XYs
	plotter.YErrors
}

func spans(series []suite.Series) (v ranged) {
	for i := range series {
		s := spreadOf(series[i].Runs, rate)
		v.XYs = append(v.XYs, plotter.XY{X: float64(i), Y: s.median})
		v.YErrors = append(v.YErrors, struct{ Low, High float64 }{s.median - s.min, s.max - s.median})
	}
	return v
}

// A line is one curve of a sweep: the series of a contestant, by what was varied.
type line struct {
	name string
	xys  plotter.XYs
}

// lines gathers "NAME @VALUE" series into curves.
func lines(r *suite.Result, x func(*suite.Series) float64, y func(*suite.Measure) float64) []line {
	var list []line
	for i := range r.Series {
		s := &r.Series[i]
		name, _, _ := strings.Cut(s.Name, " @")
		if len(list) == 0 || list[len(list)-1].name != name {
			list = append(list, line{name: name})
		}
		if overloaded(s) {
			continue
		}
		l := &list[len(list)-1]
		l.xys = append(l.xys, plotter.XY{X: x(s), Y: spreadOf(s.Runs, y).median})
	}
	return list
}

// addLines draws curves with a mark at each measured value.
func addLines(p *plot.Plot, list []line, suffix string, dashes []vg.Length) error {
	for i, l := range list {
		if len(l.xys) == 0 {
			continue
		}
		curve, points, err := plotter.NewLinePoints(l.xys)
		if err != nil {
			return err
		}
		c := palette[i%len(palette)]
		curve.Color, curve.Width, curve.Dashes = c, vg.Points(1.5), dashes
		points.Color, points.Shape, points.Radius = c, draw.CircleGlyph{}, vg.Points(2.5)
		p.Add(curve, points)
		p.Legend.Add(l.name+suffix, curve)
	}
	return nil
}

// latency draws median and 99th percentile over the offered rate, with a logarithmic axis.
func latency(r *suite.Result, file string) error {
	p := newPlot(r.Title, "requests a second, offered", "latency, ms")
	offered := func(s *suite.Series) float64 { return s.Offered }
	millis := func(of func(*suite.Measure) float64) func(*suite.Measure) float64 {
		return func(m *suite.Measure) float64 { return of(m) / 1000 }
	}
	if err := addLines(p, lines(r, offered, millis(p50)), " p50", nil); err != nil {
		return err
	}
	if err := addLines(p, lines(r, offered, millis(p99)), " p99", []vg.Length{vg.Points(4), vg.Points(3)}); err != nil {
		return err
	}
	p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	return p.Save(width, height, file)
}

// flights draws the rate over the requests in flight.
func flights(r *suite.Result, file string) error {
	p := newPlot(r.Title, "requests in flight", r.Unit+" a second")
	at := func(s *suite.Series) float64 {
		_, n, _ := strings.Cut(s.Name, " @")
		return number(n)
	}
	if err := addLines(p, lines(r, at, rate), "", nil); err != nil {
		return err
	}
	p.X.Scale, p.X.Tick.Marker, p.Y.Min = plot.LogScale{}, plot.LogTicks{Prec: -1}, 0
	return p.Save(width, height, file)
}

func number(s string) (n float64) {
	for _, c := range s {
		n = n*10 + float64(c-'0')
	}
	return n
}
