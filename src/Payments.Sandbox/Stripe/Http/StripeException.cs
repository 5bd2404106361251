using System.Text.Json.Nodes;

namespace Payments.Sandbox.Stripe.Http;

/// <summary>An answer in Stripe's error shape.</summary>
internal sealed class StripeException : Exception
{
    private StripeException(int status, JsonObject error, bool keepsEffects, bool remembered)
        : base((string?)error["message"])
    {
        Status = status;
        Error = error;
        KeepsEffects = keepsEffects;
        Remembered = remembered;
    }

    public int Status { get; }

    /// <summary>What stands under <c>error</c>.</summary>
    public JsonObject Error { get; }

    /// <summary>A declined payment is an error to its caller and still a fact: its charge and its events stay.</summary>
    public bool KeepsEffects { get; }

    /// <summary>Stored under the request's idempotency key: only once execution has begun, not when a parameter was wrong.</summary>
    public bool Remembered { get; }

    public string? Code => (string?)Error["code"];

    public string? DeclineCode => (string?)Error["decline_code"];

    public string? Param => (string?)Error["param"];

    public static StripeException Unauthorized(string message) =>
        new(StatusCodes.Status401Unauthorized, Body("invalid_request_error", message), keepsEffects: false, remembered: false);

    /// <summary>A parameter is wrong; nothing happened and the key stays free.</summary>
    public static StripeException Invalid(string message, string? param = null, string? code = null) =>
        new(StatusCodes.Status400BadRequest, Body("invalid_request_error", message, code, param), keepsEffects: false, remembered: false);

    /// <summary>The parameters are right but the object's state is not; remembered under the key.</summary>
    public static StripeException Conflict(string message, string? code = null, string? param = null) =>
        new(StatusCodes.Status400BadRequest, Body("invalid_request_error", message, code, param), keepsEffects: false, remembered: true);

    /// <summary>The id in the path names nothing.</summary>
    public static StripeException NotFound(string kind, string id, string param = "id") =>
        new(StatusCodes.Status404NotFound, Body("invalid_request_error", $"No such {kind}: '{id}'", "resource_missing", param), keepsEffects: false, remembered: false);

    /// <summary>An id in the body names nothing: 400 at Stripe, unlike one in the path.</summary>
    public static StripeException Missing(string kind, string id, string param) =>
        Invalid($"No such {kind}: '{id}'", param, "resource_missing");

    public static StripeException NothingUpcoming(string customer) =>
        new(StatusCodes.Status404NotFound, Body("invalid_request_error", $"No upcoming invoices for customer: {customer}", "invoice_upcoming_none"), keepsEffects: false, remembered: false);

    public static StripeException UnknownUrl(string method, string path) =>
        new(StatusCodes.Status404NotFound, Body(
            "invalid_request_error",
            $"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/."), keepsEffects: false, remembered: false);

    public static StripeException IdempotencyMismatch() =>
        new(StatusCodes.Status400BadRequest, Body(
            "idempotency_error",
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than the one given if you meant to execute a different request."), keepsEffects: false, remembered: false);

    public static StripeException IdempotencyInUse(string key) =>
        new(StatusCodes.Status409Conflict, Body(
            "idempotency_error",
            $"There is currently another in-progress request using this idempotency key ({key}). Please try again later.",
            "idempotency_key_in_use"), keepsEffects: false, remembered: false);

    public static StripeException RateLimited() =>
        new(StatusCodes.Status429TooManyRequests, Body(
            "invalid_request_error",
            "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
            "rate_limit"), keepsEffects: false, remembered: false);

    public static StripeException Broken() =>
        new(StatusCodes.Status500InternalServerError, Body(
            "api_error",
            "An unknown error occurred. (This is the sandbox's fault panel.)"), keepsEffects: false, remembered: false);

    /// <summary>402: the request was right and the payment was refused.</summary>
    public static StripeException Declined(JsonObject error, bool keepsEffects = true) =>
        new(StatusCodes.Status402PaymentRequired, error, keepsEffects, remembered: true);

    public static JsonObject Body(string type, string message, string? code = null, string? param = null)
    {
        var error = new JsonObject();
        if (code is not null)
        {
            error["code"] = code;
            error["doc_url"] = "https://stripe.com/docs/error-codes/" + code.Replace('_', '-');
        }

        error["message"] = message;
        if (param is not null)
        {
            error["param"] = param;
        }

        error["type"] = type;
        return error;
    }
}
