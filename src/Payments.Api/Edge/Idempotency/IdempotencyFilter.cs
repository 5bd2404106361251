using System.Security.Cryptography;
using Microsoft.AspNetCore.Mvc.Filters;
using Payments.Api.Edge.Errors;
using Payments.Api.Edge.Identity;
using Payments.Application.Shared;
using Payments.Domain.Shared;

namespace Payments.Api.Edge.Idempotency;

/// <summary>Around everything MVC does for the request, so that what is remembered is the whole answer: a wrong body's 400 as well.</summary>
internal sealed partial class IdempotencyFilter(IIdempotencyKeys keys, IdempotencyContext idempotency, ILogger<IdempotencyFilter> logger) : IAsyncResourceFilter
{
    public static readonly Problem InProgress = new(StatusCodes.Status409Conflict, "idempotency.in_progress", "An earlier request with this Idempotency-Key still runs; ask again shortly.") { RetryAfter = TimeSpan.FromSeconds(1) };

    public static readonly Problem KeyReused = new(StatusCodes.Status422UnprocessableEntity, "idempotency.key_reused", "This Idempotency-Key was used with another body; a new request wants a new key.");

    public async Task OnResourceExecutionAsync(ResourceExecutingContext context, ResourceExecutionDelegate next)
    {
        var http = context.HttpContext;
        if (KeyOf(http.Request) is not { } key)
        {
            await next();
            return;
        }

        var scope = new IdempotencyScope(CallerOf(http), http.Request.Method, PathOf(http.Request), key);
        var hash = await HashOfBodyAsync(http);
        switch (await keys.ClaimAsync(scope, hash, http.RequestAborted))
        {
            case Claimed claimed:
                idempotency.Key = key;
                if (claimed.Resumed)
                {
                    TakenOver(scope.Method, scope.Path);
                }

                await RunAsync(http, next, scope, claimed.Claim);
                break;
            case AlreadyAnswered answered:
                context.Result = new ReplayedResult(answered.Answer);
                break;
            case StillRunning:
                context.Result = new ProblemResult(InProgress);
                break;
            case DifferentRequest:
                context.Result = new ProblemResult(KeyReused);
                break;
            case var unknown:
                throw new InvalidOperationException($"A claim of an unknown kind: {unknown.GetType().Name}.");
        }
    }

    private async Task RunAsync(HttpContext http, ResourceExecutionDelegate next, IdempotencyScope scope, Guid claim)
    {
        var response = http.Response;
        var wire = response.Body;
        using var answer = new MemoryStream();
        response.Body = answer;
        try
        {
            var executed = await next();
            if (executed is { Exception: { } thrown, ExceptionHandled: false })
            {
                var problem = ProblemOf.Exception(thrown);
                if (!IsRemembered(problem.Status, problem.Code))
                {
                    await AbandonAsync(scope, claim);
                    return; // MVC throws it on.
                }

                executed.ExceptionHandled = true;
                answer.SetLength(0);
                await response.WriteAsync(problem, CancellationToken.None);
            }

            // From here on no caller who hangs up may keep the outcome from being remembered.
            if (IsRemembered(response.StatusCode, http.Features.Get<ProblemFeature>()?.Problem.Code))
            {
                var remembered = new RememberedAnswer(response.StatusCode, response.ContentType, answer.ToArray(), response.Headers.Location);
                await keys.CompleteAsync(scope, claim, remembered, CancellationToken.None);
            }
            else
            {
                await AbandonAsync(scope, claim);
            }
        }
        finally
        {
            response.Body = wire;
        }

        answer.Position = 0;
        await answer.CopyToAsync(wire, http.RequestAborted);
    }

    // What is wrong by itself stays wrong under this key; what may be otherwise next time is tried anew. What contradicts
    // an earlier request under it does not take that one's key away.
    private static bool IsRemembered(int status, string? code) => status is >= 200 and < 500
        and not (StatusCodes.Status409Conflict or StatusCodes.Status429TooManyRequests or StatusCodes.Status408RequestTimeout) && code != KeyReused.Code;

    private async Task AbandonAsync(IdempotencyScope scope, Guid claim)
    {
        try
        {
            await keys.AbandonAsync(scope, claim, CancellationToken.None);
        }
        catch (Exception error)
        {
            // The request's own failure is what the caller has to hear; a claim that stays is taken over after 30 s.
            NotAbandoned(error);
        }
    }

    private static string? KeyOf(HttpRequest request)
    {
        var sent = request.Headers[IdempotentAttribute.Header];
        return sent.Count == 0 ? null
            : sent is [{ Length: >= 1 and <= 255 } key] && key.All(c => c is >= ' ' and <= '~') ? key
            : throw KeyInvalid();
    }

    public static Refusal KeyInvalid() => new(RefusalKind.Invalid, "idempotency.key_invalid", "Idempotency-Key is one value of 1 to 255 printable ASCII characters.", IdempotentAttribute.Header);

    private static string CallerOf(HttpContext http) =>
        http.User.IsInternalService() ? Roles.Internal
        : UserIds.Of(http.User)?.ToString() ?? throw new InvalidOperationException("Idempotency-Key is scoped to the caller, and the action is open to anyone.");

    // Routing takes /A/ for /a; so do we.
    private static string PathOf(HttpRequest request) => (request.PathBase + request.Path).ToString().TrimEnd('/').ToLowerInvariant();

    // Bodies are small here (the body limit runs before this), so memory and not a file.
    private static async Task<byte[]> HashOfBodyAsync(HttpContext http)
    {
        var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        body.Position = 0;
        http.Request.Body = body;
        return SHA256.HashData(body.GetBuffer().AsSpan(0, (int)body.Length));
    }

    [LoggerMessage(2, LogLevel.Warning, "An Idempotency-Key of {Method} {Path} is taken over: the process that had claimed it never answered")]
    private partial void TakenOver(string method, string path);

    [LoggerMessage(1, LogLevel.Warning, "A claim of an Idempotency-Key could not be given back")]
    private partial void NotAbandoned(Exception exception);
}
