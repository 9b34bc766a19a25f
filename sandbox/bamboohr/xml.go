package bamboohr

import (
	"encoding/xml"
	"net/http"
	"strings"

	"gatehouse/sandbox/tenant"
)

// The shapes of XML. Source: www.bamboohr.com/api/documentation, employees.php, tables.php and metadata.php; requests of
// node-bamboohr, which reads them.
type (
	xmlField struct {
		XMLName xml.Name `xml:"field"`
		ID      string   `xml:"id,attr"`
		Type    string   `xml:"type,attr,omitempty"`
		Alias   string   `xml:"alias,attr,omitempty"`
		Text    string   `xml:",chardata"`
	}
	xmlEmployee struct {
		XMLName     xml.Name `xml:"employee"`
		ID          string   `xml:"id,attr"`
		Action      string   `xml:"action,attr,omitempty"`
		LastChanged string   `xml:"lastChanged,attr,omitempty"`
		Fields      []xmlField
	}
	xmlChanged struct {
		XMLName   xml.Name `xml:"employees"`
		Latest    string   `xml:"latest,attr"`
		Employees []xmlEmployee
	}
	xmlDirectory struct {
		XMLName   xml.Name      `xml:"directory"`
		Fieldset  []xmlField    `xml:"fieldset>field"`
		Employees []xmlEmployee `xml:"employees>employee"`
	}
	xmlRow struct {
		XMLName    xml.Name `xml:"row"`
		ID         string   `xml:"id,attr"`
		EmployeeID string   `xml:"employeeId,attr"`
		Fields     []xmlField
	}
	xmlTable struct {
		XMLName xml.Name `xml:"table"`
		Alias   string   `xml:"alias,attr,omitempty"`
		Rows    []xmlRow
		Fields  []xmlField
	}
	xmlFields struct {
		XMLName xml.Name `xml:"fields"`
		Fields  []xmlField
	}
	xmlTables struct {
		XMLName xml.Name `xml:"tables"`
		Tables  []xmlTable
	}
)

// wantsJSON reports whether the caller asked for JSON; without that, several endpoints answer XML.
func wantsJSON(c *tenant.Call) bool {
	return strings.Contains(c.Request.Header.Get("Accept"), "application/json")
}

// answer sends one of two forms of the same: JSON if it was asked for, XML otherwise.
func answer(c *tenant.Call, asJSON, asXML any) tenant.Reply {
	if wantsJSON(c) {
		return tenant.JSON(http.StatusOK, asJSON)
	}
	body, err := xml.Marshal(asXML)
	if err != nil {
		// The shapes above always encode.
		panic("bamboohr: a reply does not encode: " + err.Error())
	}
	return tenant.Raw(http.StatusOK, "application/xml; charset=UTF-8", append([]byte(xml.Header), body...))
}

// orEmpty is the text of a field, empty for null.
func orEmpty(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}
