package jira

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf16"

	"gatehouse/sandbox/tenant"
)

// node is a node of an Atlassian document. Marks and attributes change nothing here.
type node struct {
	Type    string `json:"type"`
	Version int    `json:"version"`
	Text    string `json:"text"`
	Attrs   struct {
		Text string `json:"text"`
		URL  string `json:"url"`
	} `json:"attrs"`
	Content []node `json:"content"`
}

// rich says that a call is one of version 3, in which long texts are Atlassian documents.
func rich(c *tenant.Call) bool { return strings.HasPrefix(c.Path, "/rest/api/3/") }

// nodeTypes are the kinds of node there are. Source: developer.atlassian.com, Atlassian Document Format, structure.
var nodeTypes = []string{
	"blockquote", "bulletList", "codeBlock", "date", "doc", "emoji", "expand", "hardBreak", "heading", "inlineCard", "listItem", "media",
	"mediaGroup", "mediaSingle", "mention", "multiBodiedExtension", "nestedExpand", "orderedList", "panel", "paragraph", "rule", "status",
	"table", "tableCell", "tableHeader", "tableRow", "taskItem", "taskList", "decisionItem", "decisionList", "text",
}

// known reports that the node and all below it are of kinds that there are, and that each text says something.
func (n node) known() bool {
	return slices.Contains(nodeTypes, n.Type) && (n.Type == "text") == (n.Text != "") &&
		!slices.ContainsFunc(n.Content, func(child node) bool { return !child.known() || child.Type == "doc" })
}

// longText reads a long text: plain in version 2, a document in version 3.
func longText(raw json.RawMessage, rich bool) (text string, ok bool) {
	if !rich {
		return text, json.Unmarshal(raw, &text) == nil
	}
	var doc node
	if json.Unmarshal(raw, &doc) != nil || doc.Type != "doc" || doc.Version != 1 || doc.Content == nil || !doc.known() {
		return "", false
	}
	var b strings.Builder
	doc.write(&b)
	return strings.TrimSuffix(b.String(), "\n"), true
}

func (n node) write(b *strings.Builder) {
	b.WriteString(n.Text + n.Attrs.Text + n.Attrs.URL)
	for _, child := range n.Content {
		child.write(b)
	}
	switch n.Type {
	case "paragraph", "heading", "codeBlock", "hardBreak", "rule":
		b.WriteString("\n")
	}
}

// longView shows a long text, null if there is none.
func longView(text string, rich bool) any {
	if text == "" {
		return nil
	}
	if !rich {
		return text
	}
	lines := []map[string]any{}
	for _, line := range strings.Split(text, "\n") {
		paragraph := map[string]any{"type": "paragraph", "content": []any{}}
		if line != "" {
			paragraph["content"] = []any{map[string]any{"type": "text", "text": line}}
		}
		lines = append(lines, paragraph)
	}
	return map[string]any{"type": "doc", "version": 1, "content": lines}
}

// The most characters of a text. Jira counts as Java does.
const (
	maxSummary = 255
	maxLine    = 255
	maxText    = 32767
	maxLabel   = 255
)

func length(s string) int { return len(utf16.Encode([]rune(s))) }

// tooLong is Jira's complaint about a long text.
const tooLong = "The entered text is too long. It exceeds the allowed limit of 32,767 characters."
