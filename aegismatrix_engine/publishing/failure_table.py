"""How an exchange with a repository fails: the one table, by what is said.

Rows are asked in their order, for git's last line often repeats what a more telling one says. Words are those of git
with ``LC_ALL=C`` (refs.c, remote-curl.c, connect.c, setup.c, send-pack.c, receive-pack.c), of ssh and curl, and of the
large hosts.
"""

from dataclasses import dataclass
from typing import Final

_UNSTORED: Final = "cannot store what is pushed"
_ROOM_THERE: Final = "make room there, check the permissions of its objects, and run `git fsck` there"
_ADDRESS: Final = "check the address, `git remote get-url --all`, and that the repository is there"


@dataclass(frozen=True)
class Failure:
    """One way to fail.

    signs: parts of git's words, in lower case, any of which tells it. what: what it is to a user, said of a branch or a
    repository. remedy: what puts it right, empty for a passing one. passing: whether waiting may help. local, remote:
    whether it is one of this side alone, or of the other. found_before: whether it is passing once the repository has
    answered in this run.
    """

    signs: tuple[str, ...]
    what: str
    remedy: str = ""
    passing: bool = False
    local: bool = False
    remote: bool = False
    found_before: bool = False


BUSY: Final = Failure(
    (
        "rate limit",
        "too many requests",
        "returned error: 429",
        "returned error: 5",
        "internal server error",
        "internal api unreachable",
        "service unavailable",
        "bad gateway",
        "resource temporarily unavailable",
    ),
    "cannot be reached",
    passing=True,
)

FAILURES: Final = (
    BUSY,
    Failure(
        ("dubious ownership", "unsafe repository ("),
        "belongs to another user",
        "run `git config --global --add safe.directory PATH` with its path",
    ),
    Failure(
        (
            "exists; cannot create",
            "refname conflict",
            "still refs under",
            "blocking reference",
            "cannot process 'refs/",
        ),
        "cannot be made: another branch is in the way",
        "name another --branch, or remove the one in the way",
    ),
    Failure(
        ("case-insensitive filesystem",),
        "cannot be made: the remote has a branch that differs in case alone",
        "name that one, or another, with --branch",
    ),
    Failure(
        ("does not support --signed push",),
        "takes no signed pushes",
        "run `git config push.gpgSign if-asked`, or let the remote take them (receive.certNonceSeed)",
    ),
    Failure(
        (
            "failed to sign",
            "user.signingkey",
            "cannot run gpg",
            "cannot run ssh-keygen",
            "identity unknown",
            "empty ident name",
            "auto-detect email",
        ),
        "is to get a signed push, and git cannot sign",
        "give git a name and a key that it can use unasked (user.name, user.email, user.signingKey), or run "
        "`git config push.gpgSign if-asked`",
    ),
    Failure(
        ("does not support push options",),
        "takes no push options",
        "remove the setting push.pushOption: `git config --show-origin --get-all push.pushOption` says where it is",
    ),
    Failure(
        ("--mirror can't be combined", "'--mirror' and"),
        "is a branch of a mirror, which takes no single branch",
        "remove the setting remote.NAME.mirror",
    ),
    Failure(
        ("fatal: transport '",),
        "is not to be reached in this way",
        "change the setting protocol.allow or protocol.NAME.allow, or the remote's address",
    ),
    Failure(
        ("is not a git command", "unable to find remote helper", "remote helper"),
        "has an address of a kind that git does not know",
        _ADDRESS,
    ),
    Failure(
        (
            "bad/illegal format",
            "malformed",
            "url rejected",
            "strange hostname",
            "strange pathname",
            "no path specified",
            "unsupported protocol",
            "not supported or disabled in",
            "unable to update url base from redirection",
            "no longer supported",
        ),
        "has an address that cannot be used",
        _ADDRESS,
    ),
    Failure(
        ("mismatched algorithms", "hash algorithm", "object format", "object-format"),
        "is of a repository of another hash (SHA-1, SHA-256) than this one",
        "make a new clone of it with `git clone`",
    ),
    Failure(
        ("unknown repository extension", "expected git repo version"),
        "is of a repository that this git cannot read",
        "install a newer git",
    ),
    Failure(
        (
            "bad config line",
            "bad numeric config",
            "bad boolean config",
            "invalid value for '",
            "unable to parse '",
            "$home not",
        ),
        "cannot be used with git's settings",
        "put right the setting that git names",
    ),
    Failure(
        ("not a git repository:",),
        "is of a repository that is elsewhere",
        "put right what the file .git, or the variable GIT_DIR, names",
        local=True,
    ),
    Failure(
        ("fsck error", "fsckobjects"),
        "holds objects that git's checks refuse",
        "mend them there, or switch transfer.fsckObjects and fetch.fsckObjects off",
    ),
    Failure(
        ("command not found", ": not found"),
        "is not served: the other side does not find git",
        "install git there, or put right remote.NAME.uploadpack and remote.NAME.receivepack",
    ),
    Failure(
        ("cannot run ", "cannot exec ", "unable to fork"),
        "cannot be asked: git cannot start a program it needs",
        "install it, or put right core.sshCommand, GIT_SSH_COMMAND, core.askPass or the hook that names it",
    ),
    Failure(
        ("host key verification failed", "host identification has changed", "no matching host key"),
        "is on a host whose key is not known",
        "compare the host's key with what its owner publishes, then put it into ~/.ssh/known_hosts",
    ),
    Failure(
        ("bad owner or permissions", "bad configuration option", "no matching key exchange", "no matching cipher"),
        "cannot be asked with ssh's settings",
        "put right what ssh names in ~/.ssh/config",
    ),
    Failure(
        (
            "ssl certificate problem",
            "certificate verification failed",
            "certificate subject name",
            "error setting certificate",
            "ssl ca cert",
            "peer's certificate",
            "certificate has expired",
        ),
        "is on a host whose certificate git refuses",
        "check this machine's clock, and give git the certificate authority (http.sslCAInfo)",
    ),
    Failure(
        (
            "failed to write object",
            "unable to write",
            "unable to create temporary file",
            "unable to create '",
            "insufficient permission",
            "no space left",
            "read-only file system",
            "disk quota exceeded",
        ),
        "was fetched, and cannot be stored here",
        "make room, check permissions and `git fsck`, then try again",
        local=True,
    ),
    Failure(
        ("archived", "read-only", "marked as read only", "has been disabled"),
        "is of a repository that takes no pushes",
        "let it be written to again, give git a key that may write, or use another remote",
    ),
    Failure(
        ("gh006", "gh013", "protected branch", "rule violations"),
        "refuses the push",
        "let its rules admit it, or publish to another --branch",
    ),
    Failure(
        (
            "gh001",
            "file size limit",
            "maximum allowed size",
            "object size limit",
            "returned error: 413",
            "larger than the maximum",
            "exceeds the maximum size",
            "its size is greater than",
            "blobs which exceed the",
            "file too large",
            "died of signal 25",
        ),
        "takes no files of this size",
        "make the file that git names smaller, or raise the limit",
    ),
    Failure(
        ("quota", "no space left", "temporary object directory"),
        _UNSTORED,
        _ROOM_THERE,
        remote=True,
    ),
    Failure(
        ("shallow update not allowed",),
        "takes no push from a clone without its history",
        "run `git fetch --unshallow`",
    ),
    Failure(
        ("branch is currently checked out",),
        "is checked out on the other side",
        "publish to a bare repository or to another --branch",
    ),
    Failure(
        (
            "is corrupt",
            "bad object",
            "corrupt or missing",
            "repository corruption",
            "all necessary objects",
            "missing necessary objects",
            "unable to read tree",
            "unable to parse object",
            "missing blob",
            "missing tree",
            "inflate:",
            "object file",
            "unable to stream",
            "garbage at end of",
            "unable to unpack",
            "not a tree",
            "tree object",
            ": bad file",
            "bad tree",
            "bad pack header",
            "bad index file",
            "unresolved deltas",
            "sha1 mismatch",
            "hash mismatch",
            "sha1 collision",
            "delta-pack base object",
            "is not a commit",
        ),
        "cannot be used: objects are damaged or missing, here or there",
        "see `git fsck` in both repositories; of this one a new clone can be made",
    ),
    Failure(("unpacker error", "unpack failed"), _UNSTORED, _ROOM_THERE, remote=True),
    Failure(
        ("bad line length",),
        "answers with something that is not git's protocol",
        "let the other side's shell print nothing when it starts, and check the address",
    ),
    Failure(
        (
            "authentication failed",
            "could not read username",
            "could not read password",
            "permission denied",
            "permission to ",
            "access denied",
            "returned error: 401",
            "returned error: 403",
            "write access to repository not granted",
            "authentication failures",
            "invalid credentials",
            "not allowed to push",
            "not authorized",
            "service not enabled",
        ),
        "refuses access",
        "give git credentials that may write",
        remote=True,
    ),
    Failure(
        (
            "does not appear to be a git repository",
            "repository not found",
            "' not found",
            "returned error: 404",
            "returned error: 410",
            "no such repository",
            "repository not exported",
            "could not find repository",
            "could not be found",
            "is this a git repository?",
            "update-server-info",
        ),
        "cannot be found",
        _ADDRESS,
        remote=True,
        found_before=True,
    ),
    Failure(
        (
            "no answer within",
            "could not resolve",
            "name resolution",
            "name or service not known",
            "timed out",
            "timeout",
            "unable to connect",
            "couldn't connect",
            "failed to connect",
            "connection refused",
            "connection reset",
            "connection closed",
            "connection was",
            "closed by remote host",
            "network is unreachable",
            "no route to host",
            "hung up",
            "early eof",
            "unexpected disconnect",
            "broken pipe",
            "empty reply",
            "rpc failed",
            "recv failure",
            "send failure",
            "transfer closed",
            "syscall",
            "handshake",
            "couldn't find remote ref",
        ),
        "cannot be reached",
        passing=True,
    ),
)
