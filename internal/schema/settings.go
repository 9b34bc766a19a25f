package schema

import (
	"reflect"
	"strings"
	"time"

	"gatehouse/internal/config"
	"gatehouse/internal/yamlfile"
)

// settings is what gatehouse.yaml may hold: the fields of config.Config, and of every section in it.
func settings() *yamlfile.Shape {
	return shapeOf(reflect.TypeFor[config.Config](), "")
}

// narrower is what a setting's type does not say.
func narrower() map[string]func(*yamlfile.Shape) {
	between := func(lowest, highest float64) func(*yamlfile.Shape) {
		return func(s *yamlfile.Shape) { s.Bounded, s.Lowest, s.Highest = true, lowest, highest }
	}
	oneOf := func(choices ...string) func(*yamlfile.Shape) { return func(s *yamlfile.Shape) { s.Choices = choices } }
	clock := func(s *yamlfile.Shape) { s.Kind = yamlfile.KindClock }
	const many = 1 << 53
	return map[string]func(*yamlfile.Shape){
		"jira.deployment":      oneOf("cloud", "datacenter"),
		"systems.ldap.kind":    oneOf("openldap", "389ds", "ad"),
		"alerts.format":        oneOf("json", "slack"),
		"schedules.review.day": between(1, 28),
		"schedules.review.at":  clock,
		"schedules.mfa.at":     clock,
		"google.per_minute":    between(3, many),
		"google.cell_limit":    between(1000, many),
	}
}

func shapeOf(t reflect.Type, path string) *yamlfile.Shape {
	s := &yamlfile.Shape{Path: path, Kind: yamlfile.KindText, Keys: map[string]*yamlfile.Shape{}}
	switch {
	case t == reflect.TypeFor[time.Duration]():
		s.Kind = yamlfile.KindDuration
	case t.Kind() == reflect.Struct:
		s.Kind = yamlfile.KindSection
		for field := range t.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
			if name == "" {
				continue
			}
			s.Names = append(s.Names, name)
			s.Keys[name] = shapeOf(field.Type, strings.TrimPrefix(path+"."+name, "."))
		}
	case t.Kind() == reflect.Slice:
		s.Kind, s.Item, s.Single = yamlfile.KindList, shapeOf(t.Elem(), path+"[]"), t == reflect.TypeFor[yamlfile.Values]()
	case t.Kind() == reflect.Map:
		s.Kind, s.Item = yamlfile.KindMap, shapeOf(t.Elem(), path+".*")
	case t.Kind() == reflect.Bool:
		s.Kind = yamlfile.KindBool
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int64:
		s.Kind = yamlfile.KindInteger
	}
	if narrow := narrower()[path]; narrow != nil {
		narrow(s)
	}
	return s
}
