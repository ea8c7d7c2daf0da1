// Command attune is the server of Attune and every tool around it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"attune/static"
	"attune/survey"

	"github.com/alecthomas/kong"
)

// Exit codes that scripts rely on.
const (
	exitDone    = 0
	exitRefused = 1
	exitUsage   = 2
)

// commands is the whole command line.
type commands struct {
	Data string `help:"Data folder." placeholder:"DIR" env:"ATTUNE_DATA"`

	Serve     serveCommand     `cmd:"" help:"Run the server."`
	Demo      demoCommand      `cmd:"" help:"Run a demonstration with a made-up organisation."`
	People    peopleCommand    `cmd:"" help:"The staff list."`
	Unit      unitCommand      `cmd:"" help:"Units of the organisation."`
	User      userCommand      `cmd:"" help:"People who sign in."`
	Contacts  contactsCommand  `cmd:"" help:"Whom respondents can turn to for help."`
	Token     tokenCommand     `cmd:"" help:"Tokens with which programs of others read released figures."`
	Webhook   webhookCommand   `cmd:"" help:"Tell other programs when a wave moves on."`
	Programme programmeCommand `cmd:"" help:"Repeating plans whose waves come by themselves."`
	Wave      waveCommand      `cmd:"" help:"Plan, announce and look after waves."`
	Incident  incidentCommand  `cmd:"" help:"Help after a serious incident."`
	Tickets   ticketsCommand   `cmd:"" help:"Paper tickets."`
	Links     linksCommand     `cmd:"" help:"Personal links on paper."`
	Mail      mailCommand      `cmd:"" help:"Mail to staff."`
	SMS       smsCommand       `cmd:"" name:"sms" help:"Text messages."`
	Poster    posterCommand    `cmd:"" help:"The poster with a wave's words."`
	Export    exportCommand    `cmd:"" help:"Write released figures to a file."`
	Packs     packsCommand     `cmd:"" help:"Packs of questions."`
	Simulate  simulateCommand  `cmd:"" help:"Play made-up teams through the rules."`
	Verify    verifyCommand    `cmd:"" help:"Check everything published against the public log."`
	Backup    backupCommand    `cmd:"" help:"Copy an installation into one file, while its server runs or not."`
	Restore   restoreCommand   `cmd:"" help:"Make an installation of a backup."`
	Version   versionCommand   `cmd:"" help:"Say which version this is."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is main without the process around it. It gives the exit code.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	site, err := static.New()
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "attune:", err)
		return exitRefused
	}
	env, err := readEnvironment(getenv, site)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "attune:", err)
		return exitUsage
	}
	var line commands
	exited := -1
	parser, err := kong.New(&line,
		kong.Name("attune"),
		kong.Description("Anonymous, periodic surveys for staff who carry other people's trauma."),
		kong.UsageOnError(),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exited = code }),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "attune:", err)
		return exitUsage
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 { // --help
		return exited
	}
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "attune: %v\nTry attune --help.\n", err)
		return exitUsage
	}
	a := &app{env: env, site: site, data: line.Data, stdout: stdout, stderr: stderr}
	if err := parsed.Run(a); err != nil {
		if ctx.Err() != nil && errors.Is(err, context.Canceled) { // Ctrl-C: whoever pressed it knows why
			_, _ = fmt.Fprintln(stderr, "attune: interrupted")
			return exitRefused
		}
		_, _ = fmt.Fprintln(stderr, "attune:", a.explain(err))
		if errors.As(err, new(usageError)) {
			return exitUsage
		}
		return exitRefused
	}
	return exitDone
}

// usageError is a fault in the words of the command line.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

// app is what every command has at hand.
type app struct {
	env    environment
	site   *static.Site
	data   string
	stdout io.Writer
	stderr io.Writer
}

// explain writes an error for a person: the text of its key, or, for what the
// program did not foresee, the error as it is.
func (a *app) explain(err error) string {
	var known *survey.Error
	if !errors.As(err, &known) || !a.site.Has(known.Key) {
		return err.Error()
	}
	text := a.site.Text(a.env.language, known.Key, known.Args)
	if known.Err != nil {
		text += " (" + known.Err.Error() + ")"
	}
	return text
}

func (a *app) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(a.stdout, format, args...) // a closed pipe ends the command by itself
}

// counted writes a number of things: "1 fault", "3 faults".
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

type versionCommand struct{}

func (versionCommand) Run(a *app) error {
	a.printf("attune %s\n", buildVersion())
	return nil
}
