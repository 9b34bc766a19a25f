package slack

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// block is what of a block has limits. Source: docs.slack.dev, reference of blocks and block elements.
type block struct {
	Type     string          `json:"type"`
	ID       string          `json:"block_id"`
	Text     *textObject     `json:"text"`
	Fields   []textObject    `json:"fields"`
	Elements json.RawMessage `json:"elements"`
}

type textObject struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// UnmarshalJSON takes the text of a markdown block as well, which is no object.
func (t *textObject) UnmarshalJSON(raw []byte) error {
	if json.Unmarshal(raw, &t.Text) == nil {
		return nil
	}
	type plain textObject
	return json.Unmarshal(raw, (*plain)(t))
}

type button struct {
	Type     string      `json:"type"`
	ActionID string      `json:"action_id"`
	Text     *textObject `json:"text"`
	Value    string      `json:"value"`
	Confirm  *struct {
		Title, Text, Confirm, Deny *textObject
	} `json:"confirm"`
}

// fits reports that a text is there and not too long.
func (t *textObject) fits(most int) bool {
	n := 0
	if t != nil {
		n = utf8.RuneCountInString(t.Text)
	}
	return n > 0 && n <= most && (t.Type == "plain_text" || t.Type == "mrkdwn")
}

// Limits of blocks.
const (
	maxSection  = 3000
	maxHeader   = 150
	maxField    = 2000
	maxFields   = 10
	maxBlockID  = 255
	maxButtons  = 25
	maxContext  = 10
	maxLabel    = 75
	maxValue    = 2000
	maxQuestion = 300
	maxAnswer   = 30
	// maxAllBlocks is what all blocks of a message have together. Source: slackapi/bolt-js issue 2509.
	maxAllBlocks = 13_200
)

// checkBlocks says what is wrong with the blocks of a message.
func checkBlocks(raw string) string {
	var blocks []block
	var members []map[string]json.RawMessage
	if json.Unmarshal([]byte(raw), &blocks) != nil || json.Unmarshal([]byte(raw), &members) != nil {
		return "invalid_blocks_format"
	}
	if len(blocks) > maxBlocks {
		return "invalid_blocks"
	}
	total, ids := 0, map[string]bool{}
	for n, b := range blocks {
		if !complete(b.Type, members[n]) {
			return "invalid_blocks"
		}
		if len(b.ID) > maxBlockID || b.ID != "" && ids[b.ID] || !b.valid() {
			return "invalid_blocks"
		}
		ids[b.ID] = true
		for _, t := range append(b.Fields, textOf(b.Text)) {
			total += utf8.RuneCountInString(t.Text)
		}
	}
	if total > maxAllBlocks {
		return "msg_blocks_too_long"
	}
	return ""
}

func textOf(t *textObject) textObject {
	if t == nil {
		return textObject{}
	}
	return *t
}

// otherBlocks are the types of blocks whose limits are not held here, with the members that they cannot be without. Source:
// docs.slack.dev, reference of blocks.
var otherBlocks = map[string][]string{
	"divider": nil, "image": {"alt_text"}, "input": {"label", "element"}, "file": {"external_id", "source"}, "rich_text": {"elements"},
	"video": {"alt_text", "title", "thumbnail_url", "video_url"}, "markdown": {"text"}, "table": {"rows"},
}

// complete reports that a block has what its type cannot be without.
func complete(kind string, members map[string]json.RawMessage) bool {
	return !slices.ContainsFunc(otherBlocks[kind], func(name string) bool {
		return slices.Contains([]string{"", "null", `""`, "[]", "{}"}, strings.Join(strings.Fields(string(members[name])), ""))
	})
}

// valid holds a block to the limits of its type.
func (b block) valid() bool {
	switch b.Type {
	case "header":
		return b.Text.fits(maxHeader)
	case "section":
		for i := range b.Fields {
			if !b.Fields[i].fits(maxField) {
				return false
			}
		}
		return len(b.Fields) <= maxFields && (b.Text.fits(maxSection) || b.Text == nil && len(b.Fields) > 0)
	case "context":
		var elements []textObject
		return json.Unmarshal(b.Elements, &elements) == nil && len(elements) > 0 && len(elements) <= maxContext
	case "actions":
		var elements []button
		if json.Unmarshal(b.Elements, &elements) != nil || len(elements) == 0 || len(elements) > maxButtons {
			return false
		}
		for _, e := range elements {
			if e.Type == "button" && !e.valid() {
				return false
			}
		}
	default:
		_, known := otherBlocks[b.Type]
		return known
	}
	return true
}

func (e button) valid() bool {
	if !e.Text.fits(maxLabel) || e.Text.Type != "plain_text" || len(e.Value) > maxValue || len(e.ActionID) > maxBlockID {
		return false
	}
	c := e.Confirm
	return c == nil || c.Title.fits(100) && c.Text.fits(maxQuestion) && c.Confirm.fits(maxAnswer) && c.Deny.fits(maxAnswer)
}
