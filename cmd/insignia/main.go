// Command insignia is the program: configuration, wiring, loops and subcommands. It holds no rules
// and nothing imports it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// Version is set when a release is built.
var version = "development"

// commands are what the program does.
type commands struct {
	Demo      demoCommand      `cmd:"" help:"Run everything on embedded parts in a throw-away folder, with sample data."`
	Serve     serveCommand     `cmd:"" help:"Run the server; it migrates and makes its keys on first start."`
	Migrate   migrateCommand   `cmd:"" help:"Bring the database up to date and do nothing else."`
	Programme programmeCommand `cmd:"" help:"Exams, certifications and their rules."`
	Partner   partnerCommand   `cmd:"" help:"Testing partners and their API keys."`
	Results   resultsCommand   `cmd:"" help:"Results by the file."`
	Letters   lettersCommand   `cmd:"" help:"Letters that wait or were given up."`
	Requests  requestsCommand  `cmd:"" help:"What people have asked for."`
	Verify    verifyCommand    `cmd:"" help:"Check badges: addresses, files, or - for standard input. Needs no database."`
	Key       keyCommand       `cmd:"" help:"Signing keys."`
	Backup    backupCommand    `cmd:"" help:"Copy the database to a file while the server runs."`
	Restore   restoreCommand   `cmd:"" help:"Put a backup in the place of the database; the server must not run."`
	Health    healthCommand    `cmd:"" help:"Ask the server on this machine whether it is ready."`
	Version   versionCommand   `cmd:"" help:"Print the version."`
}

// Exit codes (contract 2).
const (
	exitFailure = 1
	exitUsage   = 64
)

// exit is an error that only sets the exit code; what there was to say has been said.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// terminal is where a command reads and writes.
type terminal struct {
	in       io.Reader
	out, err io.Writer
}

// run is the program without its process; the tests call it.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	term := &terminal{in, out, errOut}
	code := -1
	parser, err := kong.New(&commands{}, kong.Name("insignia"), kong.Writers(out, errOut),
		kong.Description("Issues and verifies Open Badges for exams and certifications."),
		kong.UsageOnError(), kong.Exit(func(c int) { code = c }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(term))
	if err != nil {
		fmt.Fprintln(errOut, "insignia:", err)
		return exitFailure
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if code >= 0 { // --help was answered
		return code
	}
	var absent *fs.PathError // of a file that an argument or a flag names
	if errors.As(err, &absent) {
		err = fmt.Errorf("%s: %w", absent.Path, absent.Err)
	}
	if err != nil {
		fmt.Fprintln(errOut, "insignia:", err)
		return exitUsage
	}
	return exitCode(parsed.Run(), errOut)
}

func exitCode(err error, errOut io.Writer) int {
	var code exit
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	}
	fmt.Fprintln(errOut, "insignia:", err)
	return exitFailure
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(t *terminal) error {
	_, err := fmt.Fprintln(t.out, "insignia", version)
	return err
}
