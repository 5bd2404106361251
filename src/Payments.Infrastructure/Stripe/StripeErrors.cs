using System.Collections.Frozen;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

using Payments.Application.Payments.Gateway;

using Polly.CircuitBreaker;

namespace Payments.Infrastructure.Stripe;

/// <summary>Every way in which Stripe does not do as asked, in our words.</summary>
/// <remarks>
/// The one thing to get right is what a write may have done. It is <see cref="GatewayFailureKind.Unavailable"/> only
/// when no try of it can have had an effect; one doubtful try makes the whole call doubtful, unless a later answer
/// is Stripe's verdict on this very request.
/// </remarks>
internal static partial class StripeErrors
{
    private static readonly FrozenSet<string> Conflicts = new[]
    {
        "charge_already_captured", "charge_already_refunded", "charge_disputed", "charge_expired_for_capture",
        "charge_not_refundable", "coupon_expired", "customer_max_payment_methods", "customer_max_subscriptions",
        "intent_invalid_state", "invoice_not_editable", "payment_intent_action_required", "payment_intent_unexpected_state",
        "payment_method_unexpected_state", "product_inactive", "refund_disputed_payment", "resource_already_exists",
        "setup_intent_unexpected_state", "status_transition_invalid", "token_already_used",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Codes of answers that say "not now" and were not remembered under the key.</summary>
    private static bool IsWait(string? code) => code is "lock_timeout" or "rate_limit" or "payment_intent_rate_limit_exceeded";

    /// <summary>The error of an answer, or null when its body is none of Stripe's.</summary>
    public static WireError? Read(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, StripeJson.Default.WireFailure)?.Error;
        }
        catch (JsonException)
        {
            // A proxy's page, a cut body: the status alone has to do.
            return null;
        }
    }

    /// <summary>Stripe answered, but not with what was asked for.</summary>
    /// <param name="doubtful">An earlier try of the same request may have had an effect.</param>
    public static GatewayFailure Of(StripeRequest request, StripeAnswer answer, bool doubtful)
    {
        var kind = Kind(request, answer);
        if (doubtful && request.Writes && !IsVerdict(answer, kind))
        {
            kind = GatewayFailureKind.UnknownOutcome;
        }

        var error = answer.Error;
        return new GatewayFailure(
            kind,
            $"{request.Operation} answered {(int)answer.Status}{Part(" ", error?.Type)}{Part(" ", error?.Code)}{Part(" ", error?.DeclineCode)}{Part(" at ", error?.Param)}{Part(" in ", answer.RequestId)}{Part(": ", error?.Message)}",
            error?.Code ?? (error?.Type == "idempotency_error" ? error.Type : null),
            string.IsNullOrEmpty(error?.Param) ? null : error.Param,
            kind switch
            {
                GatewayFailureKind.Declined => StripeDeclines.Of(error?.DeclineCode, error?.Code).SafeMessage,
                GatewayFailureKind.Conflict when IsAboutPromotion(error) => "This promotion code cannot be used for this purchase.",
                _ => null,
            })
        {
            Replayed = answer.Replayed,
            RetryAfter = answer.RetryAfter,
        };
    }

    /// <summary>No answer came: refused, cut, timed out, or held back by the circuit breaker.</summary>
    /// <param name="doubtful">An earlier try of the same request may have had an effect.</param>
    public static GatewayFailure Of(StripeRequest request, Exception exception, bool doubtful)
    {
        var unsent = IsUnsent(exception);
        var kind = request.Writes && (doubtful || !unsent) ? GatewayFailureKind.UnknownOutcome : GatewayFailureKind.Unavailable;
        var what = exception switch
        {
            BrokenCircuitException => "was held back: the circuit is open",
            HttpRequestException { HttpRequestError: not HttpRequestError.Unknown and var error } => $"had no answer: {error}",
            HttpRequestException => "had no answer: the connection was cut",
            _ => "had no answer in time",
        };
        return new GatewayFailure(kind, $"{request.Operation} {what}.", inner: exception)
        {
            RetryAfter = (exception as BrokenCircuitException)?.RetryAfter,
        };
    }

    /// <summary>An answer whose body is not what it should be. A write has happened; what it made must be looked up.</summary>
    public static GatewayFailure Unreadable(StripeReply reply, JsonException exception) => new(
        reply.Request.Writes ? GatewayFailureKind.UnknownOutcome : GatewayFailureKind.Unavailable,
        $"{reply.Request.Operation} answered {(int)reply.Answer.Status}{Part(" in ", reply.Answer.RequestId)} with a body that cannot be read.",
        inner: exception)
    {
        Replayed = reply.Answer.Replayed,
    };

    /// <summary>A look-up that cannot see everything must not answer "nothing there": a second charge could follow.</summary>
    public static GatewayFailure TooMany(StripeRequest request) => new(
        GatewayFailureKind.UnknownOutcome,
        $"{request.Operation} has more entries than a look-up goes through.");

    /// <summary>For look-ups where missing something does no harm.</summary>
    public static GatewayFailure? Nothing(StripeRequest request) => null;

    /// <summary>The request certainly never left: nothing was connected that could have carried it.</summary>
    public static bool IsUnsent(Exception exception) => exception is BrokenCircuitException
        or HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
                or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
        };

    /// <summary>Whether a try that was answered like this may have had an effect all the same.</summary>
    public static bool IsDoubtful(StripeRequest request, StripeAnswer answer) => Kind(request, answer) == GatewayFailureKind.UnknownOutcome;

    /// <summary>A decline, whatever its status: 402 is usual.</summary>
    public static bool IsDecline(StripeAnswer answer) => answer.Status == HttpStatusCode.PaymentRequired || answer.Error?.Type == "card_error";

    private static GatewayFailureKind Kind(StripeRequest request, StripeAnswer answer)
    {
        var error = answer.Error;
        var uncertain = request.Writes ? GatewayFailureKind.UnknownOutcome : GatewayFailureKind.Unavailable;
        if (IsDecline(answer) && error is not null)
        {
            return GatewayFailureKind.Declined;
        }

        return (int)answer.Status switch
        {
            429 => GatewayFailureKind.Unavailable,
            409 when IsWait(error?.Code) => GatewayFailureKind.Unavailable,
            // The same key is being worked on right now; what that comes to is not known yet.
            409 => uncertain,
            401 or 403 or 407 => GatewayFailureKind.OurFault,
            // Without Stripe's own code a 404 is a wrong address, and must not be read as "there is no such payment".
            404 => error?.Code == "resource_missing" ? GatewayFailureKind.NotFound : GatewayFailureKind.OurFault,
            400 when error?.Code == "resource_missing" => GatewayFailureKind.NotFound,
            400 when error?.Code is { } code && Conflicts.Contains(code) => GatewayFailureKind.Conflict,
            400 when request.ConflictsWithoutCode && error is { Type: "invalid_request_error", Code: null, Param: null or "" } => GatewayFailureKind.Conflict,
            400 when IsAboutPromotion(error) && error!.Code is not ("parameter_unknown" or "parameter_missing") => GatewayFailureKind.Conflict,
            // Bad luck elsewhere (408, 424, 5xx), or an answer that Stripe does not give (another 2xx, a redirect).
            408 or 424 or >= 500 or < 400 => uncertain,
            _ => GatewayFailureKind.OurFault,
        };
    }

    /// <summary>
    /// Stripe has looked at this very request under its key: whatever became of an earlier try, this is the end of it.
    /// Refusals at the door (key, rights, load) say nothing about what went through it before.
    /// </summary>
    private static bool IsVerdict(StripeAnswer answer, GatewayFailureKind kind) => kind switch
    {
        GatewayFailureKind.Declined or GatewayFailureKind.NotFound or GatewayFailureKind.Conflict => true,
        GatewayFailureKind.OurFault => answer.Status == HttpStatusCode.BadRequest && answer.Error is not null,
        _ => false,
    };

    private static bool IsAboutPromotion(WireError? error) => error?.Param is { } parameter
        && (parameter.StartsWith("discounts", StringComparison.Ordinal) || parameter is "promotion_code" or "coupon");

    /// <summary>A piece of text that came from outside, fit for a log: one line, not long, and nothing in it that opens or names anything.</summary>
    private static string? Part(string before, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var clean = Secrets().Replace(text.Length > 400 ? text[..400] : text, "…");
        return before + string.Create(clean.Length, clean, static (line, from) =>
        {
            for (var i = 0; i < line.Length; i++)
            {
                line[i] = char.IsControl(from[i]) ? ' ' : from[i];
            }
        });
    }

    /// <summary>Keys, client secrets, email addresses, and anything as long as a card number.</summary>
    [GeneratedRegex("""(?:sk|rk|whsec)_[\w*]+|\w+_secret_\w+|[^\s'"<>]+@[^\s'"<>]+|(?:\d[ -]?){12,}""", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 100)]
    private static partial Regex Secrets();
}
