package wire

import (
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"

	"gatehouse/sandbox/tenant"
)

// Malformed is what a body that cannot be read is answered with.
func Malformed(err error) tenant.Reply { return Invalid("%s", Unreadable(err)) }

// Unreadable says in Google's words why a body cannot be read. What is no error of JSON has words of its own already.
func Unreadable(err error) string {
	const received = "Invalid JSON payload received. "
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch text := err.Error(); {
	case errors.As(err, &kind) && kind.Field == "":
		return received + "Root element must be a message."
	case errors.As(err, &kind):
		return wrongKind(kind)
	case strings.HasPrefix(text, "json: unknown field "):
		return received + "Unknown name " + strings.TrimPrefix(text, "json: unknown field ") + ": Cannot find field."
	case errors.As(err, &syntax), strings.HasPrefix(text, "json: "):
		return received + "Unexpected token."
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return received + "Unexpected end of string."
	default:
		return received + text
	}
}

// wrongKind is about a value of another kind than its field has.
func wrongKind(e *json.UnmarshalTypeError) string {
	kind, _, _ := strings.Cut(e.Value, " ")
	types := map[reflect.Kind]string{
		reflect.String: "TYPE_STRING", reflect.Bool: "TYPE_BOOL", reflect.Int64: "TYPE_INT64", reflect.Int: "TYPE_INT32", reflect.Int32: "TYPE_INT32",
		reflect.Float64: "TYPE_DOUBLE",
	}
	of := e.Type
	for of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	name := types[of.Kind()]
	switch {
	case name != "" && (kind == "array" || kind == "object"):
		return "Invalid value at '" + e.Field + "' (" + name + "), starting an " + kind + " on a scalar field"
	case name != "":
		return "Invalid value at '" + e.Field + "' (" + name + "), " + kind
	case kind == "array":
		return "Invalid JSON payload received. Unknown name \"" + e.Field + "\": Proto field is not repeating, cannot start list."
	default:
		return "Invalid value at '" + e.Field + "'"
	}
}
