using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

using Microsoft.Extensions.Logging;

using Payments.Application.Payments.Gateway;

using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Payments.Infrastructure.Stripe;

/// <summary>One request, as it will be sent on every try.</summary>
/// <param name="Operation">Method and path without ids: names the call in logs and figures.</param>
/// <param name="Path">With ids, escaped.</param>
/// <param name="Form">Encoded parameters: the body of a POST, else the query.</param>
internal sealed record StripeRequest(HttpMethod Method, string Operation, string Path, string Form, string? IdempotencyKey = null)
{
    public bool Writes => Method != HttpMethod.Get;

    /// <summary>Where Stripe gives no error code when the object's state forbids the call, but a bare 400.</summary>
    public bool ConflictsWithoutCode { get; init; }
}

/// <summary>What came back, of whatever status.</summary>
/// <param name="Error">Null when the status is 200, or the body is none of Stripe's.</param>
/// <param name="Replayed">A stored answer of an earlier request under the same key.</param>
/// <param name="ShouldRetry">Stripe's own advice.</param>
internal sealed record StripeAnswer(HttpStatusCode Status, byte[] Body, string? RequestId, bool Replayed, bool? ShouldRetry, TimeSpan? RetryAfter, WireError? Error);

/// <summary>
/// Speaks HTTP with Stripe: credentials, version, idempotency key, and the official libraries' retry rule behind a
/// circuit breaker that all callers share. Every try of a request sends the same bytes under the same key.
/// </summary>
internal sealed partial class StripeHttp
{
    /// <summary>Name of the HTTP client.</summary>
    public const string ClientName = "Payments.Gateway";

    private static readonly ResiliencePropertyKey<Call> CallKey = new("call");
    private static readonly MediaTypeHeaderValue FormType = new("application/x-www-form-urlencoded") { CharSet = "utf-8" };

    private readonly IHttpClientFactory clients;
    private readonly StripeOptions options;
    private readonly ILogger<StripeHttp> log;
    private readonly string apiBase;
    private readonly ResiliencePipeline<StripeAnswer> pipeline;

    public StripeHttp(IHttpClientFactory clients, StripeOptions options, ILogger<StripeHttp> log)
    {
        this.clients = clients;
        this.options = options;
        this.log = log;
        apiBase = options.ApiBase.TrimEnd('/');
        pipeline = Pipeline();
    }

    /// <returns>The answer, of whatever status; <see cref="StripeReply.Failure"/> says what one means that is no success.</returns>
    /// <exception cref="GatewayFailure">No answer came.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up; what a write has done by then is unknown.</exception>
    public async Task<StripeReply> SendAsync(StripeRequest request, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var call = new Call(request);
        using var activity = StripeTelemetry.Source.StartActivity(request.Operation, ActivityKind.Client);
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(CallKey, call);
        var outcome = "canceled";
        try
        {
            var answer = await pipeline.ExecuteAsync(static async (context, http) => await http.TryAsync(context), context, this);
            var reply = new StripeReply(request, answer, call.Doubtful);
            outcome = Word(reply);
            activity?.SetTag("http.response.status_code", (int)answer.Status);
            activity?.SetTag("payments.gateway.request_id", answer.RequestId);
            if (answer.Status == HttpStatusCode.OK)
            {
                LogAnswered(request.Operation, answer.RequestId, call.Tries, Elapsed(started));
            }
            else
            {
                LogRefused(request.Operation, (int)answer.Status, answer.Error?.Type, answer.Error?.Code, answer.Error?.Param, answer.RequestId, call.Tries, Elapsed(started));
            }

            return reply;
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutRejectedException or BrokenCircuitException)
        {
            var failure = StripeErrors.Of(request, exception, call.Doubtful);
            outcome = Word(failure.Kind);
            LogUnanswered(request.Operation, failure.Kind, failure.Message, call.Tries, Elapsed(started));
            throw failure;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
            activity?.SetTag("payments.gateway.tries", call.Tries);
            activity?.SetTag("payments.gateway.outcome", outcome);
            activity?.SetStatus(outcome is "ok" or "declined" ? ActivityStatusCode.Ok : ActivityStatusCode.Error);
            StripeTelemetry.Called(request.Operation, outcome, Stopwatch.GetElapsedTime(started));
        }
    }

    private static double Elapsed(long started) => Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 1);

    private static string Word(StripeReply reply) => reply.Answer.Status == HttpStatusCode.OK ? "ok" : Word(reply.Failure().Kind);

    private static string Word(GatewayFailureKind kind) => kind switch
    {
        GatewayFailureKind.Declined => "declined",
        GatewayFailureKind.NotFound => "not_found",
        GatewayFailureKind.Conflict => "conflict",
        GatewayFailureKind.OurFault => "our_fault",
        GatewayFailureKind.Unavailable => "unavailable",
        _ => "unknown_outcome",
    };

    /// <summary>One try.</summary>
    private async ValueTask<StripeAnswer> TryAsync(ResilienceContext context)
    {
        var call = context.Properties.GetValue(CallKey, null!);
        var request = call.Request;
        var cancellationToken = context.CancellationToken;
        call.Tries++;
        using var message = Message(request);
        var client = clients.CreateClient(ClientName);
        try
        {
            using var response = await client.SendAsync(message, HttpCompletionOption.ResponseContentRead, cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return new StripeAnswer(
                response.StatusCode,
                body,
                First(response.Headers, "Request-Id"),
                IsTrue(First(response.Headers, "Idempotent-Replayed")) == true,
                IsTrue(First(response.Headers, "Stripe-Should-Retry")),
                response.Headers.RetryAfter?.Delta,
                response.StatusCode == HttpStatusCode.OK ? null : StripeErrors.Read(body));
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Nobody cancelled: the handler's own limit for connecting ran out, so nothing was sent.
            throw new HttpRequestException(
                exception.InnerException is TimeoutException ? HttpRequestError.ConnectionError : HttpRequestError.Unknown,
                "The connection could not be made in time.",
                exception);
        }
    }

    private HttpRequestMessage Message(StripeRequest request)
    {
        var inBody = request.Method == HttpMethod.Post;
        var message = new HttpRequestMessage(request.Method, apiBase + request.Path + (inBody || request.Form.Length == 0 ? "" : "?" + request.Form));
        message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.SecretKey);
        message.Headers.Add("Stripe-Version", options.ApiVersion);
        message.Headers.UserAgent.ParseAdd("Payments/1.0");
        if (request.IdempotencyKey is { } key)
        {
            message.Headers.Add("Idempotency-Key", key);
        }

        if (inBody)
        {
            message.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(request.Form)) { Headers = { ContentType = FormType } };
        }

        return message;
    }

    private ResiliencePipeline<StripeAnswer> Pipeline()
    {
        var builder = new ResiliencePipelineBuilder<StripeAnswer>().AddTimeout(options.CallBudget);
        if (options.MaxRetries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<StripeAnswer>
            {
                MaxRetryAttempts = options.MaxRetries,
                ShouldHandle = static arguments => ValueTask.FromResult(MayRetry(arguments.Outcome)),
                DelayGenerator = arguments => ValueTask.FromResult<TimeSpan?>(Delay(arguments.AttemptNumber)),
                OnRetry = arguments =>
                {
                    var call = arguments.Context.Properties.GetValue(CallKey, null!);
                    call.Doubtful |= arguments.Outcome switch
                    {
                        { Exception: { } exception } => !StripeErrors.IsUnsent(exception),
                        { Result: { } answer } => StripeErrors.IsDoubtful(call.Request, answer),
                        _ => true,
                    };
                    StripeTelemetry.Retried(call.Request.Operation);
                    LogRetry(call.Request.Operation, call.Tries, (int?)arguments.Outcome.Result?.Status, arguments.Outcome.Exception?.GetType().Name, arguments.RetryDelay.TotalMilliseconds);
                    return default;
                },
            });
        }

        return builder
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<StripeAnswer>
            {
                FailureRatio = options.CircuitFailureRatio,
                MinimumThroughput = options.CircuitMinimumTries,
                SamplingDuration = options.CircuitWindow,
                BreakDuration = options.CircuitBreak,
                ShouldHandle = static arguments => ValueTask.FromResult(
                    arguments.Outcome.Exception is HttpRequestException or TimeoutRejectedException || (int?)arguments.Outcome.Result?.Status >= 500),
                OnOpened = arguments =>
                {
                    LogCircuitOpened(arguments.BreakDuration.TotalSeconds);
                    return default;
                },
                OnClosed = _ =>
                {
                    LogCircuitClosed();
                    return default;
                },
            })
            .AddTimeout(options.Timeout)
            .Build();
    }

    /// <summary>The official libraries' rule: Stripe's advice first, then the status; 429 only when an object was locked.</summary>
    private static bool MayRetry(Outcome<StripeAnswer> outcome) => outcome switch
    {
        { Exception: HttpRequestException or TimeoutRejectedException } => true,
        { Result: { Status: not HttpStatusCode.OK } answer } => answer.ShouldRetry ?? ((int)answer.Status is 409 or 424 or >= 500
            || (answer.Status == HttpStatusCode.TooManyRequests && answer.Error?.Code == "lock_timeout")),
        _ => false,
    };

    /// <summary>Half a second, a second, two…, up to five, less up to a quarter so that those who failed together do not return together.</summary>
    private TimeSpan Delay(int retry)
    {
        var full = Math.Min(options.MaxRetryDelay.TotalMilliseconds, options.RetryDelay.TotalMilliseconds * Math.Pow(2, retry));
#pragma warning disable CA5394 // Jitter needs no secrecy.
        var jittered = full * (0.75 + (0.25 * Random.Shared.NextDouble()));
#pragma warning restore CA5394
        return TimeSpan.FromMilliseconds(Math.Max(options.RetryDelay.TotalMilliseconds, jittered));
    }

    private static string? First(HttpResponseHeaders headers, string name) => headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private static bool? IsTrue(string? value) => value switch
    {
        null => null,
        _ when value.Equals("true", StringComparison.OrdinalIgnoreCase) => true,
        _ when value.Equals("false", StringComparison.OrdinalIgnoreCase) => false,
        _ => null,
    };

    [LoggerMessage(4100, LogLevel.Debug, "{Operation} answered in {RequestId} after {Tries} tries and {Milliseconds} ms.")]
    private partial void LogAnswered(string operation, string? requestId, int tries, double milliseconds);

    [LoggerMessage(4101, LogLevel.Warning, "{Operation} answered {Status} {ErrorType} {ErrorCode} {Parameter} in {RequestId} after {Tries} tries and {Milliseconds} ms.")]
    private partial void LogRefused(string operation, int status, string? errorType, string? errorCode, string? parameter, string? requestId, int tries, double milliseconds);

    [LoggerMessage(4102, LogLevel.Warning, "{Operation} is {Kind} after {Tries} tries and {Milliseconds} ms: {Reason}")]
    private partial void LogUnanswered(string operation, GatewayFailureKind kind, string reason, int tries, double milliseconds);

    [LoggerMessage(4103, LogLevel.Information, "{Operation} is tried again: try {Try} ended with {Status} {Exception}; waiting {Milliseconds} ms.")]
    private partial void LogRetry(string operation, int @try, int? status, string? exception, double milliseconds);

    [LoggerMessage(4104, LogLevel.Error, "The payment provider does not answer: calls are held back for {Seconds} s.")]
    private partial void LogCircuitOpened(double seconds);

    [LoggerMessage(4105, LogLevel.Information, "The payment provider answers again.")]
    private partial void LogCircuitClosed();

    /// <summary>What is known of a call across its tries.</summary>
    private sealed class Call(StripeRequest request)
    {
        public StripeRequest Request { get; } = request;

        public int Tries { get; set; }

        /// <summary>A try that was given up may have had an effect.</summary>
        public bool Doubtful { get; set; }
    }
}

/// <summary>An answer together with what it answers.</summary>
/// <param name="Doubtful">An earlier try of the same request may have had an effect.</param>
internal sealed record StripeReply(StripeRequest Request, StripeAnswer Answer, bool Doubtful)
{
    /// <summary>What an answer that is no success means.</summary>
    public GatewayFailure Failure() => StripeErrors.Of(Request, Answer, Doubtful);
}
