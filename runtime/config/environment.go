package config

// An Environment says which of the three installations this is.
type Environment string

// The environments, by the value of BEDS_ENV.
const (
	Dev  Environment = "dev"
	QA   Environment = "qa"
	Prod Environment = "prod"
)

// IsProd reports whether shortcuts that are fine in development are refused.
func (e Environment) IsProd() bool { return e == Prod }

// Valid reports whether e is one of the three.
func (e Environment) Valid() bool { return e == Dev || e == QA || e == Prod }
