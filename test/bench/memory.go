package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// memory is what a process held at most and holds now, in MB of a million bytes.
type memory struct{ peak, now float64 }

// memory reads /proc; ok is false where there is none.
func (p *process) memory() (m memory, ok bool) {
	fields := procFields(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	m.peak, m.now = megabytes(fields["VmHWM"]), megabytes(fields["VmRSS"])
	return m, m.peak > 0
}

// ticks is how many of the clock's ticks /proc counts in a second.
const ticks = 100

// worked is how much processor time a process has taken of its own; ok is false where there is no /proc.
func (p *process) worked() (d time.Duration, ok bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, false
	}
	// The name, in brackets, may hold anything. Of what follows it, the twelfth and thirteenth are user and system time.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 13 {
		return 0, false
	}
	for _, field := range fields[11:13] {
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0, false
		}
		d += time.Duration(n) * time.Second / ticks
	}
	return d, true
}

// megabytes reads "12345 kB".
func megabytes(text string) float64 {
	digits, _, _ := strings.Cut(text, " ")
	kib, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return 0
	}
	return kib * 1024 / 1e6
}

// procFields reads the "name: value" lines of a file under /proc; the first of a name counts.
func procFields(path string) map[string]string {
	fields := map[string]string{}
	f, err := os.Open(path)
	if err != nil {
		return fields
	}
	defer func() { _ = f.Close() }() // nothing was written
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		name, value, ok := strings.Cut(lines.Text(), ":")
		name = strings.TrimSpace(name)
		if _, seen := fields[name]; ok && !seen {
			fields[name] = strings.TrimSpace(value)
		}
	}
	return fields
}

// machine describes what the figures were measured on.
func machine() string {
	text := fmt.Sprintf("%d cores, %s/%s, %s", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	if model := procFields("/proc/cpuinfo")["model name"]; model != "" {
		text += ", " + model
	}
	if total := megabytes(procFields("/proc/meminfo")["MemTotal"]); total > 0 {
		text += fmt.Sprintf(", %.0f GB of memory", total/1000)
	}
	return text
}
