package system

import (
	"strings"
	"unicode"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"gatehouse/identity"
)

// The normal forms by which values are compared.
const (
	normalPhone = "phone"
	normalLower = "lower"
	normalUpper = "upper"
	normalTrim  = "trim"
	normalPlain = "plain"
)

// calling says how a country writes its telephone numbers: its code, and what stands in front of a number within it.
type calling struct{ code, trunk string }

// callings are by the countries' two letters. Source: ITU-T E.164, list of assigned codes, and its national numbering plans.
var callings = map[string]calling{
	"AE": {"971", "0"}, "AR": {"54", "0"}, "AT": {"43", "0"}, "AU": {"61", "0"}, "BE": {"32", "0"}, "BG": {"359", "0"}, "BR": {"55", "0"},
	"CA": {"1", "1"}, "CH": {"41", "0"}, "CL": {"56", ""}, "CN": {"86", "0"}, "CZ": {"420", ""}, "DE": {"49", "0"}, "DK": {"45", ""},
	"EE": {"372", ""}, "EG": {"20", "0"}, "ES": {"34", ""}, "FI": {"358", "0"}, "FR": {"33", "0"}, "GB": {"44", "0"}, "GR": {"30", ""},
	"HK": {"852", ""}, "HR": {"385", "0"}, "HU": {"36", "06"}, "IE": {"353", "0"}, "IL": {"972", "0"}, "IN": {"91", "0"}, "IS": {"354", ""},
	"IT": {"39", ""}, "JP": {"81", "0"}, "KR": {"82", "0"}, "LT": {"370", "0"}, "LU": {"352", ""}, "LV": {"371", ""}, "MX": {"52", ""},
	"MY": {"60", "0"}, "NL": {"31", "0"}, "NO": {"47", ""}, "NZ": {"64", "0"}, "PH": {"63", "0"}, "PL": {"48", ""}, "PT": {"351", ""},
	"RO": {"40", "0"}, "RS": {"381", "0"}, "SA": {"966", "0"}, "SE": {"46", "0"}, "SG": {"65", ""}, "SI": {"386", "0"}, "SK": {"421", "0"},
	"TH": {"66", "0"}, "TR": {"90", "0"}, "TW": {"886", "0"}, "UA": {"380", "0"}, "US": {"1", "1"}, "VN": {"84", "0"}, "ZA": {"27", "0"},
}

// phoneNumber writes a telephone number as the world dials it. What has letters, such as an extension in words, stays as it is.
func phoneNumber(text, country string) string {
	text = strings.TrimSpace(text)
	var digits strings.Builder
	for _, r := range strings.ReplaceAll(text, "(0)", "") {
		switch {
		case '0' <= r && r <= '9', r == '+' && digits.Len() == 0:
			digits.WriteRune(r)
		case unicode.IsLetter(r), r == '+':
			return text
		}
	}
	number, in := digits.String(), callings[country]
	switch {
	case strings.Trim(number, "+") == "":
		return text
	case strings.HasPrefix(number, "+"):
		return number
	case strings.HasPrefix(number, "00"):
		return "+" + number[2:]
	case in.code == "":
		return number
	case in.trunk != "" && strings.HasPrefix(number, in.trunk):
		return "+" + in.code + strings.TrimPrefix(number, in.trunk)
	}
	return "+" + in.code + number
}

// plainText writes a text without what only some alphabets have.
func plainText(text string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r < unicode.MaxASCII:
			b.WriteRune(r)
		default:
			spelt := identity.Spelling(unicode.ToLower(r))
			if spelt == "" {
				spelt = string(r)
			} else if unicode.IsUpper(r) {
				spelt = strings.ToUpper(spelt[:1]) + spelt[1:]
			}
			b.WriteString(spelt)
		}
	}
	return b.String()
}

// normal is the form of a value by which it is compared.
func (a attribute) normal(value string) string {
	switch a.normalise {
	case normalPhone:
		return phoneNumber(value, a.country)
	case normalLower:
		return strings.ToLower(strings.TrimSpace(value))
	case normalUpper:
		return strings.ToUpper(strings.TrimSpace(value))
	case normalTrim:
		return strings.Join(strings.Fields(value), " ")
	case normalPlain:
		return strings.ToLower(strings.Join(strings.Fields(plainText(value)), " "))
	}
	if a.name == email {
		return strings.ToLower(value)
	}
	return value
}

// form names the normal form of an attribute's values, "" for none.
func (a attribute) form() string {
	if a.normalise == normalPhone {
		return a.normalise + " " + a.country
	}
	return a.normalise
}

// as is an attribute as its values were compared under another form.
func (a attribute) as(form string) attribute {
	a.normalise, a.country, _ = strings.Cut(form, " ")
	return a
}

// Normal is the form of a value by which a system's attribute is compared, and what that form is called.
func (s *Set) Normal(system, name, value string) (normal, form string) {
	a := attribute{name: name}
	for _, own := range s.attributes {
		if own.name == name {
			a = own
		}
	}
	if sys, ok := s.Named(system); ok {
		a, _ = a.in(sys)
	}
	return a.normal(value), a.form()
}

// functions are what an attribute may be made with.
func (s *Set) functions() []cel.EnvOption {
	one := func(name string, do func(string) string) cel.EnvOption {
		return cel.Function(name, cel.Overload("gatehouse_"+name, []*cel.Type{cel.StringType}, cel.StringType,
			cel.UnaryBinding(func(v ref.Val) ref.Val { return types.String(do(textOf(v))) })))
	}
	return []cel.EnvOption{
		one("lower", strings.ToLower), one("upper", strings.ToUpper), one("plain", plainText),
		one("title", func(text string) string { return cases.Title(language.Und).String(text) }),
		cel.Function("phone", cel.Overload("gatehouse_phone", []*cel.Type{cel.StringType, cel.StringType}, cel.StringType,
			cel.BinaryBinding(func(text, country ref.Val) ref.Val { return types.String(phoneNumber(textOf(text), textOf(country))) }))),
		cel.Function("lookup", cel.Overload("gatehouse_lookup", []*cel.Type{cel.StringType, cel.StringType, cel.StringType}, cel.StringType,
			cel.FunctionBinding(func(args ...ref.Val) ref.Val {
				if value, found := s.tables[textOf(args[0])][textOf(args[1])]; found {
					return types.String(value)
				}
				return args[2]
			}))),
	}
}

func textOf(v ref.Val) string {
	text, _ := v.Value().(string)
	return text
}
