package mongo

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// parseCommand reads a command file. Members keep their order, which carries the
// meaning of a command and of an index; numbers are numbers and strings strings:
// nothing is read as extended JSON.
func parseCommand(data []byte) (bson.D, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(data))
	v, err := parseJSON(dec)
	if err != nil {
		return nil, err
	}
	cmd, ok := v.(bson.D)
	if !ok || len(cmd) == 0 {
		return nil, errors.New("the file does not hold one command")
	}
	if dec.PeekKind() != 0 {
		return nil, errors.New("the file holds more than one command")
	}
	return cmd, nil
}

func parseJSON(dec *jsontext.Decoder) (any, error) {
	tok, err := dec.ReadToken()
	if err != nil {
		return nil, err
	}
	switch kind := tok.Kind(); kind {
	case '{':
		return parseMembers(dec)
	case '[':
		return parseElements(dec)
	case '"':
		return tok.String(), nil
	case 't', 'f':
		return kind == 't', nil
	case '0':
		return parseNumber(tok.String())
	}
	return nil, nil
}

func parseMembers(dec *jsontext.Decoder) (any, error) {
	d := bson.D{}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		key := name.String()
		v, err := parseJSON(dec)
		if err != nil {
			return nil, err
		}
		d = append(d, bson.E{Key: key, Value: v})
	}
	_, err := dec.ReadToken()
	return d, err
}

func parseElements(dec *jsontext.Decoder) (any, error) {
	a := bson.A{}
	for dec.PeekKind() != ']' {
		v, err := parseJSON(dec)
		if err != nil {
			return nil, err
		}
		a = append(a, v)
	}
	_, err := dec.ReadToken()
	return a, err
}

// parseNumber gives the smallest type that holds the number.
func parseNumber(s string) (any, error) {
	if i, err := strconv.ParseInt(s, 10, 32); err == nil {
		return int32(i), nil
	}
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return i, nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return nil, fmt.Errorf("the number %s is out of range", s)
	}
	return f, nil
}
