package schema

import (
	"gatehouse/internal/yamlfile"
)

// dialect is what the reader of one of the files makes of YAML's types.
type dialect interface {
	// text describes a text, one of choices if there are any.
	text(s *yamlfile.Shape) *Document
	// types names the type of JSON of anything else.
	types(name string) any
}

// clockPattern is a time of day.
const clockPattern = `^([01][0-9]|2[0-3]):[0-5][0-9]$`

// strict is policy.yaml: what looks like a number has to be quoted, and nothing may be empty.
type strict struct{}

func (strict) types(name string) any { return name }

func (d strict) text(s *yamlfile.Shape) *Document {
	switch {
	case len(s.Choices) > 0:
		return &Document{Type: "string", Enum: s.Choices}
	case s.Filled:
		return &Document{Type: "string", Pattern: `\S`}
	}
	return &Document{Type: "string"}
}

// duration has days in front of Go's notation.
const duration = `[0-9]+d(` + goDuration + `)?|` + goDuration

// goDuration is what Go's time.ParseDuration reads, but for negative ones, which no setting takes.
const goDuration = `\+?(0|(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)`

// lenient is gatehouse.yaml: an empty value is the default, a number is a text as well, and ${NAME} may stand for any text.
type lenient struct{}

func (lenient) types(name string) any { return []string{name, "null"} }

func (d lenient) text(s *yamlfile.Shape) *Document {
	if len(s.Choices) > 0 {
		return &Document{AnyOf: []*Document{{Enum: s.Choices}, {Type: "string", Pattern: `^(\$\{.*\})?$`}, {Type: "null"}}}
	}
	return &Document{Type: []string{"string", "number", "boolean", "null"}}
}

// build makes the schema of a place and all that is under it.
func build(s *yamlfile.Shape, words map[string]string, d dialect) *Document {
	doc := value(s, words, d)
	doc.Description = words[s.Path]
	return doc
}

func value(s *yamlfile.Shape, words map[string]string, d dialect) *Document {
	switch s.Kind {
	case yamlfile.KindSection:
		doc := &Document{Type: d.types("object"), Required: s.Required, Others: false, Properties: map[string]*Document{}}
		for _, name := range s.Names {
			doc.Properties[name] = build(s.Keys[name], words, d)
		}
		if len(s.Choices) > 0 {
			return &Document{AnyOf: []*Document{doc, d.text(s)}}
		}
		return doc
	case yamlfile.KindMap:
		return &Document{Type: d.types("object"), Others: build(s.Item, words, d)}
	case yamlfile.KindList:
		list := &Document{Type: d.types("array"), Items: build(s.Item, words, d), UniqueItems: s.Distinct}
		if s.Filled {
			list.MinItems = 1
		}
		if s.Single {
			return &Document{AnyOf: []*Document{list, d.text(s.Item)}}
		}
		return list
	case yamlfile.KindDuration:
		pattern := duration
		if s.Never {
			pattern += "|never"
		}
		return &Document{Type: d.types("string"), Pattern: "^(" + pattern + ")$"}
	case yamlfile.KindClock:
		doc := d.text(s)
		doc.Pattern = clockPattern
		if _, ok := d.(lenient); ok {
			doc.Pattern += `|^(\$\{.*\})?$`
		}
		return doc
	case yamlfile.KindBool:
		return &Document{Type: d.types("boolean")}
	case yamlfile.KindInteger:
		return bounded(s, &Document{Type: d.types("integer")})
	case yamlfile.KindNumber:
		return bounded(s, &Document{Type: d.types("number")})
	case yamlfile.KindText:
	}
	return d.text(s)
}

func bounded(s *yamlfile.Shape, doc *Document) *Document {
	if s.Bounded {
		doc.Minimum, doc.Maximum = &s.Lowest, &s.Highest
	}
	return doc
}
