// Command health tells a container engine whether the program beside it works. The image has no shell, curl or wget, so
// this asks for them.
//
//	health -url http://127.0.0.1:8480/readyz   an HTTP endpoint answers with 200
//	health -queue gatehouse                    a worker of this container asked Temporal for work within the last minutes
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	sdklog "go.temporal.io/sdk/log"
)

const (
	// patience is how long an answer may take. Container engines add their own limit.
	patience = 8 * time.Second
	// quiet is how long a poller may not have been heard of. Polls last a minute, so two missed ones are too many.
	quiet = 150 * time.Second
)

func main() {
	url := flag.String("url", "", "`address` that has to answer with 200")
	queue := flag.String("queue", "", "task `queue` that this container has to work on")
	namespace := flag.String("namespace", "default", "Temporal namespace of the queue")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := check(ctx, *url, *queue, *namespace); err != nil {
		fmt.Fprintln(os.Stderr, "unhealthy:", err)
		os.Exit(1)
	}
}

func check(ctx context.Context, url, queue, namespace string) error {
	switch {
	case url != "" && queue == "":
		return answers(ctx, url)
	case queue != "" && url == "":
		return polls(ctx, queue, namespace)
	}
	return errors.New("pass either -url or -queue")
}

func answers(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("ask %s: %w", url, err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ask %s: %w", url, err)
	}
	if err := resp.Body.Close(); err != nil {
		return fmt.Errorf("ask %s: %w", url, err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered with HTTP %d", url, resp.StatusCode)
	}
	return nil
}

// polls looks for a workflow poller whose identity, <process>@<host>@..., names this host.
func polls(ctx context.Context, queue, namespace string) error {
	host, err := os.Hostname()
	if err != nil {
		return fmt.Errorf("learn the name of this host: %w", err)
	}
	options, err := envconfig.LoadDefaultClientOptions()
	if err != nil {
		return fmt.Errorf("read the Temporal settings: %w", err)
	}
	options.Namespace = namespace
	options.Logger = sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))
	c, err := client.DialContext(ctx, options)
	if err != nil {
		return fmt.Errorf("connect to Temporal: %w", err)
	}
	defer c.Close()
	found, err := c.DescribeTaskQueue(ctx, queue, enumspb.TASK_QUEUE_TYPE_WORKFLOW)
	if err != nil {
		return fmt.Errorf("describe task queue %s: %w", queue, err)
	}
	if !heard(found, host, time.Now()) {
		return fmt.Errorf("no worker on %s has asked queue %s for work in %s", host, queue, quiet)
	}
	return nil
}

func heard(found *workflowservice.DescribeTaskQueueResponse, host string, now time.Time) bool {
	for _, p := range found.GetPollers() {
		if strings.Contains(p.GetIdentity(), "@"+host+"@") && now.Sub(p.GetLastAccessTime().AsTime()) < quiet {
			return true
		}
	}
	return false
}
