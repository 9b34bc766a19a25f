package bamboohr

import (
	"encoding/xml"
	"slices"
	"strconv"

	"gatehouse/sandbox/hr"
	"gatehouse/sandbox/tenant"
)

func (b *BambooHR) metaFields(c *tenant.Call) tenant.Reply {
	type item struct {
		ID    int    `json:"id"`
		Name  string `json:"name"`
		Type  string `json:"type"`
		Alias string `json:"alias"`
	}
	var out []item
	doc := xmlFields{}
	for i, f := range fields() {
		out = append(out, item{ID: i + 1, Name: f.label, Type: f.kind, Alias: f.name})
		doc.Fields = append(doc.Fields, xmlField{ID: strconv.Itoa(i + 1), Type: f.kind, Alias: f.name, Text: f.label})
	}
	return answer(c, out, doc)
}

// firstColumn is the id of the first column of a table; no field has it.
const firstColumn = 4000

// metaTables are the tables with their columns. Source: www.bamboohr.com/api/documentation/metadata.php.
func (b *BambooHR) metaTables(c *tenant.Call) tenant.Reply {
	type column struct {
		ID    int    `json:"id"`
		Name  string `json:"name"`
		Alias string `json:"alias"`
		Type  string `json:"type"`
	}
	type table struct {
		Alias  string   `json:"alias"`
		Fields []column `json:"fields"`
	}
	var out []table
	doc := xmlTables{}
	id := firstColumn
	for _, t := range tables() {
		item, node := table{Alias: t.name}, xmlTable{Alias: t.name}
		for _, f := range t.columns {
			id++
			item.Fields = append(item.Fields, column{ID: id, Name: f.label, Alias: f.name, Type: f.kind})
			node.Fields = append(node.Fields, xmlField{ID: strconv.Itoa(id), Alias: f.name, Type: f.kind, Text: f.label})
		}
		out, doc.Tables = append(out, item), append(doc.Tables, node)
	}
	return answer(c, out, doc)
}

// permanent are the options of the employment status that no company can remove. Source: www.bamboohr.com, tables.php.
var permanent = []string{"Terminated", "Contractor"}

// options are the values of a list: those that some record has. That the API makes none is the sandbox's own strictness.
func (b *BambooHR) options(name string) []string {
	var out []string
	if name == "employmentHistoryStatus" || name == "employmentStatus" {
		out = append(out, permanent...)
		out = append(out, "Employee", leaveOfAbsence)
		name = "employmentHistoryStatus"
	}
	for _, r := range b.hr.List(hr.BambooHR) {
		v := map[string]string{
			"department": r.Department, "division": r.Company, "jobTitle": r.Title, "location": r.Location, "employmentHistoryStatus": r.EmploymentType,
		}[name]
		if v != "" {
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// metaLists are the fields with options.
func (b *BambooHR) metaLists(c *tenant.Call) tenant.Reply {
	type option struct {
		XMLName  xml.Name `json:"-" xml:"option"`
		ID       int      `json:"id" xml:"id,attr"`
		Archived string   `json:"archived" xml:"archived,attr"`
		Name     string   `json:"name" xml:",chardata"`
	}
	type list struct {
		XMLName    xml.Name `json:"-" xml:"list"`
		FieldID    int      `json:"fieldId" xml:"fieldId,attr"`
		Alias      string   `json:"alias" xml:"alias,attr"`
		Manageable string   `json:"manageable" xml:"manageable,attr"`
		Multiple   string   `json:"multiple" xml:"multiple,attr"`
		Name       string   `json:"name" xml:"name"`
		Options    []option `json:"options" xml:"options>option"`
	}
	out := []list{}
	for i, f := range fields() {
		if f.kind != "list" {
			continue
		}
		item := list{FieldID: i + 1, Alias: f.name, Manageable: "yes", Multiple: "no", Name: f.label, Options: []option{}}
		for n, name := range b.options(f.name) {
			item.Options = append(item.Options, option{ID: (i+1)*1000 + n, Archived: "no", Name: name})
		}
		out = append(out, item)
	}
	return answer(c, out, struct {
		XMLName xml.Name `xml:"lists"`
		Lists   []list
	}{Lists: out})
}

// metaUsers are the people who can sign in to BambooHR, by their own id: everybody who is employed.
// Source: documentation.bamboohr.com, get-a-list-of-users.
func (b *BambooHR) metaUsers(c *tenant.Call) tenant.Reply {
	type user struct {
		XMLName    xml.Name `json:"-" xml:"user"`
		ID         int      `json:"id" xml:"id,attr"`
		EmployeeID int      `json:"employeeId" xml:"employeeId,attr"`
		First      string   `json:"firstName" xml:"firstName"`
		Last       string   `json:"lastName" xml:"lastName"`
		Email      string   `json:"email" xml:"email"`
		Status     string   `json:"status" xml:"status"`
	}
	out := map[string]user{}
	doc := struct {
		XMLName xml.Name `xml:"users"`
		Users   []user
	}{}
	for _, r := range b.hr.List(hr.BambooHR) {
		id, err := strconv.Atoi(r.EmployeeID)
		if err != nil || status(r, b.t.Today()) != "Active" {
			continue
		}
		u := user{ID: 2000 + id, EmployeeID: id, First: r.FirstName, Last: r.LastName, Email: r.WorkEmail, Status: "enabled"}
		out[strconv.Itoa(u.ID)] = u
		doc.Users = append(doc.Users, u)
	}
	return answer(c, out, doc)
}
