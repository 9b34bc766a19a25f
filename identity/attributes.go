package identity

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The attributes that a set order may change. HR owns all of them. Names are left out because they tell whose an account is, as
// usernames, addresses, external ids and managers do.
var setAttributes = map[string]FieldName{
	"title": FieldTitle, "department": FieldDepartment, "company": FieldCompany, "phone": FieldPhone,
}

// SetAttributes are the names of the attributes that a set order may change, in alphabetical order.
func SetAttributes() []string { return slices.Sorted(maps.Keys(setAttributes)) }

// AttributeField is the field of a profile that an attribute of a set order is, empty for none.
func AttributeField(attribute string) FieldName { return setAttributes[attribute] }

// MaxAttribute is the longest value of an attribute in characters: OneLogin's columns are no longer.
const MaxAttribute = 128

// Taken says how often a deny order has taken a role, and when it was last. A role that was taken more than once had come back.
type Taken struct {
	Role  string    `json:"role"`
	Times int       `json:"times"`
	At    time.Time `json:"at"`
}

// wrongAttributes are what is wrong with the attributes of an order.
func (o Order) wrongAttributes() (problems []error) {
	if o.Kind != OrderSet {
		if len(o.Attributes) > 0 {
			problems = append(problems, fmt.Errorf("only a set order has attributes"))
		}
		return problems
	}
	if len(o.Attributes) == 0 {
		problems = append(problems, fmt.Errorf("a set order needs attributes to set: %s", strings.Join(SetAttributes(), ", ")))
	}
	for _, name := range slices.Sorted(maps.Keys(o.Attributes)) {
		if why := wrongAttribute(name, o.Attributes[name]); why != "" {
			problems = append(problems, fmt.Errorf("attribute %q %s", name, why))
		}
	}
	switch {
	case o.Until.IsZero():
		problems = append(problems, fmt.Errorf("a set order needs an end: HR owns what it changes"))
	case o.At.IsZero():
		problems = append(problems, fmt.Errorf("a set order needs the time at which it is given: its 12 months count from then"))
	case o.Until.After(latestEnd(o.At)):
		problems = append(problems, fmt.Errorf("a set order stands for 12 months at most: have HR change what is to stay"))
	}
	return problems
}

// latestEnd is the end of the day on which a set order that is given at a moment has to end.
func latestEnd(at time.Time) time.Time {
	y, m, d := at.UTC().AddDate(1, 0, 0).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, time.UTC)
}

// wrongAttribute is what is wrong with one attribute, empty if nothing is. It never repeats the value.
func wrongAttribute(name, value string) string {
	switch {
	case AttributeField(name) == "":
		return "cannot be set: use " + strings.Join(SetAttributes(), ", ")
	case blank(value):
		return "has no value: a set order cannot empty an attribute"
	case strings.ContainsRune(value, utf8.RuneError): // Invalid bytes as well, and what became of them on their way.
		return "is not written in UTF-8"
	case utf8.RuneCountInString(value) > MaxAttribute:
		return fmt.Sprintf("is longer than %d characters", MaxAttribute)
	case strings.ContainsFunc(value, unwritable):
		return "has control characters"
	case strings.TrimSpace(value) != value:
		return "begins or ends with a space"
	}
	return ""
}

// unwritable reports a character that changes how the text around it is shown, or ends the line.
func unwritable(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}

// Set gives a field of a profile that a set order may change another value.
func (p *Profile) Set(field FieldName, value string) {
	if at := p.field(field); at != nil {
		*at = value
	}
}

// Value is what a profile says in a field that a set order may change.
func (p Profile) Value(field FieldName) string {
	if at := p.field(field); at != nil {
		return *at
	}
	return ""
}

func (p *Profile) field(field FieldName) *string {
	switch field {
	case FieldTitle:
		return &p.Title
	case FieldDepartment:
		return &p.Department
	case FieldCompany:
		return &p.Company
	case FieldPhone:
		return &p.Phone
	case FieldFirstName, FieldLastName, FieldExternalID, FieldManager, FieldEmail:
	}
	return nil
}

// Value is what an account says in a field that a set order may change.
func (a Account) Value(field FieldName) string {
	return Profile{Title: a.Title, Department: a.Department, Company: a.Company, Phone: a.Phone}.Value(field)
}

// Setting returns the set orders that are in force at a moment, by the field for which each is the latest. Of two that were given
// at the same time the one with the greater id counts.
func Setting(orders []Order, at time.Time) map[FieldName]Order {
	latest := map[FieldName]Order{}
	for _, o := range orders {
		if o.Kind != OrderSet || !o.InForce(at) {
			continue
		}
		for name := range o.Attributes {
			field := AttributeField(name)
			was, there := latest[field]
			if field != "" && (!there || o.At.After(was.At) || o.At.Equal(was.At) && o.ID > was.ID) {
				latest[field] = o
			}
		}
	}
	return latest
}

// Sets is the value that a set order gives a field, empty for none.
func (o Order) Sets(field FieldName) string { return o.Attributes[attributeOf(field)] }

// Was is what the account said in a field before a set order changed it, if it did.
func (o Order) Was(field FieldName) (string, bool) {
	was, known := o.Before[attributeOf(field)]
	return was, known
}

// attributeOf is the attribute that a field is for set orders, empty for none.
func attributeOf(field FieldName) string {
	for name, f := range setAttributes {
		if f == field {
			return name
		}
	}
	return ""
}
