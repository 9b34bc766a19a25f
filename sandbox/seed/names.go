package seed

import "strings"

// Names are from many places, because a company's are, and some need care: an apostrophe, a hyphen, a double surname.
var (
	firstNames = strings.Fields(`Anna Ben Chiara David Elena Felix Grace Hiro Ines Jonas Keiko Liam Maya Noah Olivia Pablo
		Qiang Rosa Samuel Tara Uma Viktor Wen Ximena Yusuf Zoe Aroha Boris Camille Diego Esther Farid Greta Hugo Isla Jamal
		Katya Leon Mei Nadia Oskar Priya Rafael Sofia Tane Ursula Vikram Willa Yara Zane`)
	lastNames = strings.Fields(`Meyer Tanaka Rossi Okafor Silva Novak Haddad Kim Larsen Moreau Singh O'Brien Fischer Costa
		Ivanova Chen Walker Kahananui Nguyen Schmidt Garcia Petrov Dubois Andersen Kowalski Sato Mbeki Taylor Ngata Weber
		Lopez Hansen Patel Brown Krause Bianchi Osei Lindqvist Hoffman-Reyes Wright Zhang Murphy Kealoha Yilmaz Jones
		Becker Fontaine Adeyemi Scott Vargas`)
	locations = []string{"Berlin", "London", "New York", "San Francisco", "Auckland", "Honolulu"}
)

// titles are by department, the head's first.
var titles = map[string][]string{
	"Engineering": {"VP Engineering", "Software Engineer", "Senior Software Engineer", "Site Reliability Engineer"},
	"Sales":       {"VP Sales", "Account Executive", "Sales Development Representative"},
	"Marketing":   {"VP Marketing", "Content Strategist", "Campaign Manager"},
	"Finance":     {"CFO", "Accountant", "Financial Analyst"},
	"People":      {"Chief People Officer", "People Partner", "Recruiter"},
	"IT":          {"Head of IT", "Systems Administrator", "Support Technician"},
	"Support":     {"Head of Support", "Support Engineer", "Customer Success Manager"},
}

// slug turns a name into the part of an address: lower case, letters only.
func slug(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r == '-' {
			return r
		}
		return -1
	}, strings.ToLower(name))
}
