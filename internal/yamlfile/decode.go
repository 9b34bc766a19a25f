package yamlfile

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// Decode reads a file into a struct, each setting into the field with its yaml tag. A setting that is not there, or that has
// no value, leaves its field as it is. Every key without a field is a problem, and so is every value of the wrong kind.
//
// It is for settings, which are more lenient than rules: a number is a text where a text is wanted, as long as it stays as
// it is written.
func (r *Reader) Decode(body ast.Node, into any) {
	r.places = Places{}
	r.fill("", body, reflect.ValueOf(into).Elem())
}

// Values is one value or a list of them.
type Values []string

func (r *Reader) fill(path string, node ast.Node, into reflect.Value) {
	r.places.note(path, node)
	if node.Type() == ast.NullType {
		return
	}
	switch into.Kind() {
	case reflect.Struct:
		s := r.Section(path, node, node, keysOf(into.Type())...)
		for i := range into.NumField() {
			r.fillField(s, into.Type().Field(i), into.Field(i))
		}
	case reflect.Slice:
		r.fillList(path, node, into)
	case reflect.Map:
		keys, values := r.Pairs(path, node)
		into.Set(reflect.MakeMap(into.Type()))
		for i, key := range keys {
			entry := reflect.New(into.Type().Elem()).Elem()
			r.fill(Join(path, key.Text), values[i], entry)
			into.SetMapIndex(reflect.ValueOf(key.Text), entry)
		}
	case reflect.Int, reflect.Int64:
		r.fillNumber(path, node, into)
	case reflect.Bool:
		if w, ok := r.Scalar(path, node, "true or false", ast.BoolType); ok {
			into.SetBool(w.Text == "true")
		}
	default:
		r.fillText(path, node, into)
	}
}

func (r *Reader) fillField(s Section, field reflect.StructField, into reflect.Value) {
	key := keyOf(field)
	node := s.Value(key)
	if node != nil {
		r.places.note(Join(s.Path, key), node)
	}
	if key == "" || node == nil || node.Type() == ast.NullType {
		return
	}
	if d, ok := into.Addr().Interface().(*time.Duration); ok {
		s.Duration(key, AnyLength, d)
		return
	}
	r.fill(Join(s.Path, key), node, into)
}

func (r *Reader) fillList(path string, node ast.Node, into reflect.Value) {
	list, ok := node.(*ast.SequenceNode)
	if !ok && into.Type() == reflect.TypeFor[Values]() {
		r.fillOne(path, node, into)
		return
	}
	if !ok {
		r.Fail(node, "%s must be a list, not %s", path, kind(node))
		return
	}
	all := reflect.MakeSlice(into.Type(), len(list.Values), len(list.Values))
	for i, each := range list.Values {
		r.fill(Item(path, i), each, all.Index(i))
	}
	into.Set(all)
}

// fillOne reads a value that is written without the brackets of a list.
func (r *Reader) fillOne(path string, node ast.Node, into reflect.Value) {
	if node.Type() == ast.MappingType {
		r.Fail(node, "%s must be a text or a list of texts, not %s", path, kind(node))
		return
	}
	one := reflect.MakeSlice(into.Type(), 1, 1)
	r.fillText(path, node, one.Index(0))
	into.Set(one)
}

func (r *Reader) fillNumber(path string, node ast.Node, into reflect.Value) {
	w, ok := r.Scalar(path, node, "a whole number", ast.IntegerType, ast.StringType)
	if !ok {
		return
	}
	text := w.Text
	if number, written := node.(*ast.IntegerNode); written {
		text = fmt.Sprint(number.Value)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange) || err == nil && into.OverflowInt(n):
		r.Fail(node, "%s is a larger number than there may be: write a smaller one", path)
	case err != nil:
		r.Fail(node, "%s must be a whole number, not %s", path, kind(node))
	default:
		into.SetInt(n)
	}
}

// fillText takes whatever is written. YAML would change 0123 into 83 on its way into a text: a secret or an id that looks
// like that would be another one, and other programs that read the file would see that one.
func (r *Reader) fillText(path string, node ast.Node, into reflect.Value) {
	w, ok := r.Scalar(path, node, "a text", ast.StringType, ast.LiteralType, ast.IntegerType, ast.FloatType, ast.InfinityType, ast.NanType, ast.BoolType)
	if !ok {
		return
	}
	if changes(node) {
		r.Fail(node, "%s is a number to YAML and would not stay as it is written: put it in quotes", path)
		return
	}
	into.SetString(w.Text)
}

// changes reports that a number reads differently from how it is written.
func changes(node ast.Node) bool {
	switch n := node.(type) {
	case *ast.IntegerNode:
		return fmt.Sprint(n.Value) != n.GetToken().Value
	case *ast.FloatNode:
		return fmt.Sprint(n.Value) != n.GetToken().Value
	case *ast.InfinityNode, *ast.NanNode:
		return true
	}
	return false
}

// EachText calls f with every text of a struct that Decode fills: its place in the file, the text, and what sets another
// one. The order is that of the fields, and of the keys of a map.
func EachText(of any, f func(path string, text reflect.Value, set func(string))) {
	eachText("", reflect.ValueOf(of).Elem(), f)
}

func eachText(path string, v reflect.Value, f func(string, reflect.Value, func(string))) {
	switch v.Kind() {
	case reflect.String:
		f(path, v, v.SetString)
	case reflect.Struct:
		for i := range v.NumField() {
			if key := keyOf(v.Type().Field(i)); key != "" {
				eachText(Join(path, key), v.Field(i), f)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachText(Item(path, i), v.Index(i), f)
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			if v.Type().Elem().Kind() != reflect.String {
				eachText(Join(path, key.String()), v.MapIndex(key), f)
				continue
			}
			f(Join(path, key.String()), v.MapIndex(key), func(text string) {
				v.SetMapIndex(key, reflect.ValueOf(text).Convert(v.Type().Elem()))
			})
		}
	default:
	}
}

// keysOf are the keys of a section that is read into a struct.
func keysOf(t reflect.Type) []string {
	var keys []string
	for field := range t.Fields() {
		if key := keyOf(field); key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// keyOf is the key of a field, "" if the file does not set it.
func keyOf(field reflect.StructField) string {
	key, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
	return key
}
