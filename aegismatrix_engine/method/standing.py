"""Forecast, health and provenance in words."""

from aegismatrix_engine.document.schema.forecast import FORECAST_SESSIONS
from aegismatrix_engine.history import VIX_CARRIED_SESSIONS
from aegismatrix_engine.inference.infer import BREACH_MOVES, QUANTILE_LEVELS
from aegismatrix_engine.method.entry import STANDS_IN, Entry, Formula, listed, number
from aegismatrix_engine.method.notation import FRACTION, LEVEL, POINTS, PROBABILITY, SESSIONS
from aegismatrix_engine.state.last_values import FROZEN_AFTER
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON

_LEVELS = ", ".join(number(float(level)) for level in QUANTILE_LEVELS)

FORECAST = (
    Entry(
        path="forecast",
        about=f"The distribution every other block is read from, at h = {listed(FORECAST_SESSIONS)}.",
        silent="Anything conformal: these are the quantiles as forecast, without the adjustment of the safe range.",
        basis=(("model", "of healthy models"), STANDS_IN),
        models=("distribution", "night", "session"),
        fields=(),
    ),
    Entry(
        path="forecast.session",
        about="Inside a regular session only.",
        silent="What comes after today's close: the horizons do, each from now to a close after today's.",
        basis=(
            ("model", "of healthy models, learnt from bars of the history"),
            ("prior", f"{STANDS_IN[1]}; or by the constants that ship"),
        ),
        models=("distribution", "session"),
        fields=(
            Formula("session", "", "today"),
            Formula("bars_complete", "bars", "up to the newest one that is there; missing ones are counted in"),
            Formula("bars", "bars", "length of the session / length of a bar, rounded up"),
            Formula("variance_share_left", FRACTION, "share left at the moment; see inside a session"),
            Formula("seen_over_expected", "ratio", "so far / (S_1^2 x (1 - share left)), S_1 as at the close before"),
            Formula("sigma_pct", FRACTION, "S to today's close, a log move"),
            Formula("p_up", PROBABILITY, "1 - F(0)"),
        ),
    ),
    Entry(
        path="forecast.session.quantiles[]",
        about="Of today's official close.",
        silent="The way there.",
        fields=(
            Formula("level", PROBABILITY, _LEVELS),
            Formula("points", POINTS, "index_level - spot"),
            Formula("index_level", LEVEL, "level(Q(level))"),
        ),
    ),
    Entry(
        path="forecast.horizons[]",
        about="h is its sessions.",
        silent="That returns are normal: use the quantiles, not multiples of sigma.",
        fields=(
            Formula("sessions", SESSIONS, "h"),
            Formula("until", "", "date of the regular session h ahead, inside a session h after today"),
            Formula("sigma_pct", FRACTION, "S_h, a log move"),
            Formula("p_up", PROBABILITY, "1 - F_h(0)"),
        ),
    ),
    Entry(
        path="forecast.horizons[].quantiles[]",
        about="",
        silent="The way there.",
        fields=(
            Formula("level", PROBABILITY, _LEVELS),
            Formula("points", POINTS, "index_level - spot"),
            Formula("index_level", LEVEL, "level(Q_h(level))"),
        ),
    ),
    Entry(
        path="forecast.horizons[].breaches[]",
        about="",
        silent="When it happens.",
        fields=(
            Formula("distance_pct", FRACTION, f"d = {listed(float(move) for move in BREACH_MOVES)}, a log move"),
            Formula("close_beyond", PROBABILITY, "close_h(d)"),
            Formula("touch", PROBABILITY, "touch_h(d)"),
            Formula("touch_up", PROBABILITY, "up_h(d)"),
            Formula("touch_down", PROBABILITY, "down_h(d)"),
        ),
    ),
)

STANDING = (
    Entry(
        path="health",
        about="At the moment the document was made.",
        silent="That the forecasts are good: that is the track record.",
        fields=(
            Formula(
                "status",
                "",
                "withdrawn where `withdrawn` stands, degraded where `degraded` or `frozen` has an entry, else ok",
            ),
            Formula(
                "withdrawn",
                "",
                "as its publisher wrote it; the numbers are those of before, labels are at their middle word, "
                "valid_until is when it was taken back",
            ),
            Formula(
                "notes",
                "",
                "a training before this document, models that were rolled back, other library versions than in "
                "training, a set put in place with --force, repairs of the bars, VIX carried forward or not live, bars "
                "of today that are missing, a special session, priors in standing use, provisional dates",
            ),
        ),
    ),
    Entry(
        path="health.degraded[]",
        about="",
        silent="By how much it is worse.",
        basis=(
            ("model", "a forecast without VIX, or without bars of today"),
            ("prior", "a base rate, a nominal rate, or climatology"),
        ),
        fields=(
            Formula(
                "signal", "", "market, forecast, direction.today without bars, or a block or rate with basis prior"
            ),
            Formula("reason", "", "what is missing and what stands in"),
        ),
    ),
    Entry(
        path="health.frozen[]",
        about="Read from recent.json, which stands beside the document and holds what was published last.",
        silent="Why it stands still. The cause may be a model, the bars, or a market that hardly moves.",
        fields=(
            Formula("signal", "", "a number of market, direction, seller, buyer or forecast"),
            Formula("value", "that of the signal", "equal, as published, over all these periods"),
            Formula("periods", "periods", f"at least {FROZEN_AFTER}; see frozen signals"),
        ),
    ),
    Entry(
        path="health.calendar",
        about="Against the dates of this document.",
        silent="Which provisional date will move.",
        fields=(
            Formula("valid_through", "", ""),
            Formula("provisional", "", f"true where session t+{MAX_HORIZON + 1} lies past valid_through"),
        ),
    ),
    Entry(
        path="provenance",
        about="",
        silent="That the bars are right: they passed checks.",
        fields=(
            Formula(
                "mode", "", "live where generated_at is before valid_until and clock_source is machine, else replay"
            ),
            Formula("clock_source", "", "set where `AEGIS_NOW` said what now was; only machine makes a live document"),
            Formula("source", "", "yahoo, csv or sample"),
            Formula("first_bar", "", ""),
            Formula("last_bar", "", "the last session with an official close, or a provisional one"),
            Formula("clock", "", "of the moment the document was made for; of as_of where it speaks of the past"),
            Formula(
                "close",
                "",
                "in_session while the session of the newest bar runs; provisional once it is over, until its official "
                "close is in; else official",
            ),
            Formula("rows", SESSIONS, "special sessions included"),
            Formula("vix_first_bar", "", ""),
            Formula("vix_last_bar", "", ""),
            Formula(
                "vix_age_sessions",
                SESSIONS,
                f"beyond {VIX_CARRIED_SESSIONS}, unless the run allows more, the index is left out and health says so",
            ),
            Formula("model_set", "", "the first digits of a SHA-256 over the model files"),
            Formula("trained_at", "", ""),
            Formula("training_end", "", "a regular session"),
            Formula("in_sample", "", "true where last_bar lies before training_end"),
            Formula("engine_version", "", ""),
            Formula("engine_commit", "", ""),
            Formula("trained_by", "", ""),
        ),
    ),
    Entry(
        path="provenance.calendar",
        about="Against the engine's own calendar, for the market of this document.",
        silent="Whether the file is right: it passed the checks of data.md.",
        fields=(
            Formula("file", "", ""),
            Formula("sha256", "", ""),
            Formula("closures", "sessions", "closures of the file on what is a session of the engine's own calendar"),
            Formula("sessions", "sessions", "those of the file that are none there, or of another kind or hours"),
            Formula("hours", "entries", "hours of the file that are others there"),
        ),
    ),
    Entry(
        path="provenance.inputs[]",
        about="One for each series that is there, daily ones first.",
        silent="Which of its bars were used: a feature may look back on few of them.",
        fields=(
            Formula("series", "", ""),
            Formula("symbol", "", ""),
            Formula("served_by", "", "yahoo, csv, sample, or store"),
            Formula("fetched_at", "", ""),
            Formula("last", "", "official close of the session, end of the bar, or US close"),
            Formula("age_hours", "hours", "as_of - last, never below 0"),
        ),
    ),
    Entry(
        path="provenance.us_night",
        about="Between the US close and the open, where nights were learnt and VIX is known.",
        silent="How far it moved the forecast: that is the model's to say, see the US night.",
        fields=(
            Formula("change_pct", FRACTION, "x, a log change, before it is clipped"),
            Formula("last_bar", "", "as_of is its close"),
        ),
    ),
)
