//go:build unix

package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// What protoc says to a plugin and hears from it, written and read by hand: a few
// fields of descriptor.proto and plugin.proto do not need a library.

// appendBytes appends a field of bytes, text or a message.
func appendBytes[T string | []byte](b []byte, field int, value T) []byte {
	b = binary.AppendUvarint(b, uint64(field)<<3|2)
	return append(binary.AppendUvarint(b, uint64(len(value))), value...)
}

func appendNumber(b []byte, field int, value uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, uint64(field)<<3), value)
}

// protocRequest is a CodeGeneratorRequest with a file for each domain.
func protocRequest(_ string, count int) ([]byte, error) {
	var req []byte
	for i := range count {
		req = appendBytes(req, 1, fmt.Sprintf("p%d.proto", i)) // file_to_generate
	}
	for i := range count {
		req = appendBytes(req, 15, protoFile(i)) // proto_file
	}
	return req, nil
}

// protoFile is a FileDescriptorProto with one message.
func protoFile(i int) []byte {
	const text, whole, double, bytes = 9, 3, 1, 12 // FieldDescriptorProto.Type
	const optional, repeated = 1, 3                // FieldDescriptorProto.Label
	fields := []struct {
		name        string
		typ, number uint64
		label       uint64
	}{
		{"number", text, 1, optional}, {"customer", bytes, 2, optional}, {"status", text, 3, optional}, {"total", text, 4, optional},
		{"placed", text, 5, optional}, {"paid_at", whole, 6, optional}, {"tags", text, 7, repeated}, {"note", text, 8, optional},
		{"score", whole, 9, optional}, {"ratio", double, 10, optional},
	}
	message := appendBytes(nil, 1, "Record")
	for _, f := range fields {
		field := appendBytes(nil, 1, f.name)
		field = appendNumber(field, 3, f.number)
		field = appendNumber(field, 4, f.label)
		field = appendNumber(field, 5, f.typ)
		message = appendBytes(message, 2, appendBytes(field, 10, f.name)) // json_name
	}
	file := appendBytes(nil, 1, fmt.Sprintf("p%d.proto", i))
	file = appendBytes(file, 2, fmt.Sprintf("p%d", i))
	file = appendBytes(file, 4, message)
	file = appendBytes(file, 8, appendBytes(nil, 11, fmt.Sprintf("example.com/peer/out/p%d", i))) // options.go_package
	return appendBytes(file, 12, "proto3")
}

// protocWrite writes the files of a CodeGeneratorResponse, each into its package.
func protocWrite(dir string, response []byte) error {
	return eachField(response, func(field uint64, value []byte) error {
		switch field {
		case 1:
			return fmt.Errorf("protoc-gen-go: %s", value)
		case 15:
			var name, content string
			err := eachField(value, func(field uint64, value []byte) error {
				switch field {
				case 1:
					name = string(value)
				case 15:
					content = string(value)
				}
				return nil
			})
			path := filepath.Join(dir, "out", filepath.Base(filepath.Dir(name)), filepath.Base(name))
			return errors.Join(err, os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o644))
		}
		return nil
	})
}

// eachField walks over the fields of a message; numbers have no value.
func eachField(b []byte, visit func(field uint64, value []byte) error) error {
	broken := errors.New("protoc-gen-go: a response that is cut off")
	for len(b) > 0 {
		tag, n := binary.Uvarint(b)
		if n <= 0 {
			return broken
		}
		size, m := binary.Uvarint(b[n:])
		if m <= 0 {
			return broken
		}
		b = b[n+m:]
		if tag&7 == 0 {
			continue
		}
		if tag&7 != 2 || size > uint64(len(b)) {
			return broken
		}
		if err := visit(tag>>3, b[:size]); err != nil {
			return err
		}
		b = b[size:]
	}
	return nil
}
