// Command markgo lends the client of github.com/mark3labs/mcp-go to the story of test/mcp: a line of JSON says what to ask, and a
// line of JSON is what the client made of the answer.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
)

// patience bounds the whole story of one client.
const patience = 5 * time.Minute

// asked is one line of the story: a tool to call, or the list of all if it names none.
type asked struct {
	Tool      string         `json:"tool"`
	Arguments map[string]any `json:"arguments"`
}

// answered is what came of it. Protocol is set in the first line, which is about the connection.
type answered struct {
	Protocol string `json:"protocol,omitempty"`
	Result   any    `json:"result,omitempty"`
	Error    string `json:"error,omitempty"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "markgo:", err)
		os.Exit(1)
	}
}

// run speaks to the server whose URL and bearer token the environment has.
func run() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out := json.NewEncoder(os.Stdout)
	c, err := client.NewStreamableHttpClient(os.Getenv("MCP_URL"), transport.WithHTTPHeaders(map[string]string{
		"Authorization": "Bearer " + os.Getenv("MCP_TOKEN"),
	}))
	if err != nil {
		return err
	}
	if err := c.Start(ctx); err != nil {
		return err
	}
	hello := mcp.InitializeRequest{}
	hello.Params.ClientInfo = mcp.Implementation{Name: "story", Version: "1"}
	greeted, err := c.Initialize(ctx, hello)
	if err != nil {
		return errors.Join(out.Encode(answered{Error: err.Error()}), c.Close())
	}
	if err := out.Encode(answered{Protocol: greeted.ProtocolVersion}); err != nil {
		return err
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var a asked
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			return err
		}
		if err := out.Encode(ask(ctx, c, a)); err != nil {
			return err
		}
	}
	return c.Close()
}

func ask(ctx context.Context, c *client.Client, a asked) answered {
	var result any
	var err error
	if a.Tool == "" {
		result, err = c.ListTools(ctx, mcp.ListToolsRequest{})
	} else {
		call := mcp.CallToolRequest{}
		call.Params.Name, call.Params.Arguments = a.Tool, a.Arguments
		result, err = c.CallTool(ctx, call)
	}
	if err != nil {
		return answered{Error: err.Error()}
	}
	return answered{Result: result}
}
