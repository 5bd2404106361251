using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Controls;
using Payments.Sandbox.Stripe.Schema;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Http;

/// <summary>
/// One /v1 request from wire to wire, in Stripe's order: key, route, faults, parameters, idempotency, the work itself,
/// expansion, answer.
/// </summary>
internal sealed partial class StripeApi(
    Engine engine, RouteTable routes, ApiKeys keys, FaultPanel faults, StripeSimulatorOptions options, ILogger<StripeApi> log)
{
    private const int MaxBody = 1 << 20;
    private const int MaxKey = 255;

    /// <summary>Keys of requests that are between their arrival and their answer.</summary>
    private readonly ConcurrentDictionary<string, byte> inProgress = new(StringComparer.Ordinal);

    public async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        var path = request.Path.Value!;
        var hosted = path.StartsWith("/v1/payment_pages/", StringComparison.Ordinal);
        try
        {
            keys.Check(request, hosted);
        }
        catch (StripeException refusal)
        {
            // The real 401 carries neither Request-Id nor Stripe-Version.
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"Stripe\"";
            await WriteAsync(context, new Answer(refusal.Status, ErrorBody(refusal)));
            return;
        }

        // What a person does on the hosted page is spared: faults are for the seller's integration.
        var fault = hosted ? ApiFault.None : faults.ForCall();
        if (fault == ApiFault.CutBeforeEffect)
        {
            context.Abort();
            return;
        }

        var requestId = Ids.New("req_")[..18];
        var headers = context.Response.Headers;
        headers["Request-Id"] = requestId;
        headers["Stripe-Version"] = request.Headers["Stripe-Version"] is [{ Length: > 0 } version] ? version : options.ApiVersion;
        Answer answer;
        try
        {
            answer = await AnswerAsync(context, path, requestId, fault);
        }
        catch (Exception broken) when (broken is not StripeException and not OperationCanceledException and not BadHttpRequestException)
        {
            LogBroken(broken, request.Method, path);
            answer = new Answer(StatusCodes.Status500InternalServerError, ErrorBody(StripeException.Body("api_error", $"The simulator failed: {broken.Message}")));
        }

        if (fault == ApiFault.CutAfterEffect)
        {
            context.Abort();
            return;
        }

        if (fault == ApiFault.Slow)
        {
            await Task.Delay(faults.Hold(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3)), context.RequestAborted);
        }

        if (answer.OriginalRequest is { } original)
        {
            headers["Original-Request"] = original;
        }

        if (answer.Replayed)
        {
            headers["Idempotent-Replayed"] = "true";
        }

        if (answer.FromExecution)
        {
            headers["Stripe-Should-Retry"] = "false";
        }

        await WriteAsync(context, answer);
    }

    private async Task<Answer> AnswerAsync(HttpContext context, string path, string requestId, ApiFault fault)
    {
        var request = context.Request;
        var key = HttpMethods.IsPost(request.Method) && request.Headers["Idempotency-Key"] is [{ Length: > 0 } sent] ? sent : null;
        if (key is not null)
        {
            context.Response.Headers["Idempotency-Key"] = key;
        }

        try
        {
            switch (fault)
            {
                case ApiFault.Error:
                    throw StripeException.Broken();
                case ApiFault.RateLimit:
                    throw StripeException.RateLimited();
            }

            if (!routes.TryMatch(request.Method, path, out var route, out var id))
            {
                throw StripeException.UnknownUrl(request.Method, path);
            }

            if (key?.Length > MaxKey)
            {
                throw StripeException.Invalid($"The idempotency key is too long: at most {MaxKey} characters are allowed.");
            }

            var form = Form.Parse(Form.Decode(await ParametersAsync(request)));
            var parameters = ParameterSchema.Instance.Read(route.Operation, form);
            var versioned = request.Headers.ContainsKey("Stripe-Version");
            if (key is null)
            {
                return Execute(route, work => new Call(work, id, parameters, path) { IsVersioned = versioned }, requestId, idempotency: null);
            }

            if (!inProgress.TryAdd(key, 0))
            {
                throw StripeException.IdempotencyInUse(key);
            }

            try
            {
                var fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(form.Canonical())));
                return Execute(
                    route,
                    work => new Call(work, id, parameters, path) { IsVersioned = versioned },
                    requestId,
                    new Idempotency(key, $"{request.Method} {path}", fingerprint));
            }
            finally
            {
                inProgress.TryRemove(key, out _);
            }
        }
        catch (StripeException refusal)
        {
            return new Answer(refusal.Status, ErrorBody(refusal));
        }
    }

    private Answer Execute(Route route, Func<Work, Call> callFor, string requestId, Idempotency? idempotency) =>
        engine.Transact(engine.OriginOf(requestId, idempotency?.Key), work =>
        {
            if (idempotency is not null && work.Store.FindResult(idempotency.Key, work.Time) is { } first)
            {
                return (Replay(first, idempotency), null);
            }

            var (answer, remembered) = Perform(route, callFor(work));
            answer = answer with { OriginalRequest = idempotency is null ? null : requestId };
            var result = remembered && idempotency is not null
                ? new IdempotentResult(
                    idempotency.Key, idempotency.Operation, idempotency.Fingerprint, requestId, answer.Status, answer.Body, work.Time)
                : null;
            return (answer, result);
        });

    private static (Answer Answer, bool Remembered) Perform(Route route, Call call)
    {
        try
        {
            var node = route.Handler(call).DeepClone();
            Expansion.Apply(node, call.Parameters, call.Work);
            WithoutPrivateFields(node);
            return (new Answer(StatusCodes.Status200OK, Json.Write(node)) { FromExecution = true }, true);
        }
        catch (StripeException refusal)
        {
            if (!refusal.KeepsEffects)
            {
                call.Work.Discard();
            }

            return (new Answer(refusal.Status, ErrorBody(refusal)) { FromExecution = refusal.Remembered }, refusal.Remembered);
        }
    }

    private static Answer Replay(IdempotentResult first, Idempotency idempotency)
    {
        var same = string.Equals(first.Operation, idempotency.Operation, StringComparison.Ordinal)
            && string.Equals(first.Fingerprint, idempotency.Fingerprint, StringComparison.Ordinal);
        return same
            ? new Answer(first.Status, first.Body) { OriginalRequest = first.RequestId, Replayed = true, FromExecution = true }
            : throw StripeException.IdempotencyMismatch();
    }

    private static async Task<string> ParametersAsync(HttpRequest request)
    {
        if (!HttpMethods.IsPost(request.Method))
        {
            return request.QueryString.Value is { Length: > 1 } query ? query[1..] : "";
        }

        using var reader = new StreamReader(request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync(request.HttpContext.RequestAborted);
        if (body.Length > MaxBody)
        {
            throw StripeException.Invalid("The request body is too large.");
        }

        var isForm = request.ContentType is null
            || request.ContentType.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase);
        return isForm || body.Length == 0 ? body : throw StripeException.Invalid(
            $"Invalid request: the content type of a POST is application/x-www-form-urlencoded, not {request.ContentType}.");
    }

    private static async Task WriteAsync(HttpContext context, Answer answer)
    {
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = "application/json";
        var body = Json.Show(answer.Body);
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static byte[] ErrorBody(StripeException refusal) => ErrorBody(refusal.Error.DeepClone().AsObject());

    private static byte[] ErrorBody(JsonObject error)
    {
        var body = new JsonObject { ["error"] = error };
        WithoutPrivateFields(body);
        return Json.Write(body);
    }

    private static void WithoutPrivateFields(JsonNode? node)
    {
        if (node is JsonObject hash)
        {
            hash.Remove(StoredObject.PrivateField);
            foreach (var (_, value) in hash)
            {
                WithoutPrivateFields(value);
            }
        }
        else if (node is JsonArray array)
        {
            foreach (var item in array)
            {
                WithoutPrivateFields(item);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} broke the simulator.")]
    private partial void LogBroken(Exception exception, string method, string path);

    private sealed record Idempotency(string Key, string Operation, string Fingerprint);

    private sealed record Answer(int Status, byte[] Body)
    {
        public string? OriginalRequest { get; init; }

        public bool Replayed { get; init; }

        /// <summary>The call got as far as doing its work; parameter errors lack the retry header at Stripe.</summary>
        public bool FromExecution { get; init; }
    }
}
