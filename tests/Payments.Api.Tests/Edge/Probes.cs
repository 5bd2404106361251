#pragma warning disable CA1822 // MVC wants its actions to be instance methods.
using System.Collections.Concurrent;
using System.Data.Common;
using FluentValidation;
using FluentValidation.Results;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Payments.Api.Edge;
using Payments.Api.Edge.Idempotency;
using Payments.Api.Edge.Limits;
using Payments.Application.Payments.Gateway;
using Payments.Application.Shared;
using Payments.Domain.Shared;

namespace Payments.Api.Tests.Edge;

/// <summary>Actions that stand for everything the real ones may do.</summary>
[ApiController]
[Route("probe")]
public sealed class ProbeController(ICurrentUser user, IIdempotencyContext idempotency) : ControllerBase
{
    private static readonly ConcurrentDictionary<string, int> Runs = new();

    public static ConcurrentDictionary<string, TaskCompletionSource> Gates { get; } = new();

    public static int RunsOf(string name) => Runs.GetValueOrDefault(name);

    [HttpGet("open")]
    [AllowAnonymous]
    public object Open() => new { Hello = "world", Nothing = (string?)null };

    [HttpGet("user")]
    [Authorize(Policy = Policies.User)]
    public WhoResponse Who() => new(user.Id.Value, user.Email, user.Name, user.IsInRole("admin"), user.IsInRole("support"));

    [HttpGet("internal")]
    [Authorize(Policy = Policies.Internal)]
    public object Internal() => new { Ok = true };

    [HttpGet("admin")]
    [Authorize(Policy = Policies.Admin)]
    public object Admin() => new { Ok = true };

    [HttpGet("support")]
    [Authorize(Policy = Policies.Support)]
    public object Support() => new { Ok = true };

    [HttpGet("finance")]
    [Authorize(Policy = Policies.Finance)]
    public object Finance() => new { Ok = true };

    [HttpGet("staff")]
    [Authorize(Policy = Policies.Staff)]
    public object Staff() => new { Ok = true };

    [HttpGet("open-but-wants-user")]
    [AllowAnonymous]
    public WhoResponse Mistaken() => new(user.Id.Value, null, null, false, false);

    [HttpPost("body")]
    [AllowAnonymous]
    public ProbeBody Body(ProbeBody body) => body;

    [HttpGet("query/{id:guid}")]
    [AllowAnonymous]
    public object Query(Guid id, int limit = 20, Guid? after = null, ProbeColour? colour = null) => new { id, limit, after, colour };

    [HttpGet("filtered")]
    [AllowAnonymous]
    public ProbeFilter Filtered([FromQuery] ProbeFilter filter) => filter;

    [HttpGet("status/{status:int}")]
    [AllowAnonymous]
    public StatusCodeResult Status(int status) => StatusCode(status);

    [HttpGet("throws/{what}")]
    [AllowAnonymous]
    public void Throws(string what) => throw Thrown(what);

    [HttpPost("once/{name}")]
    [Authorize(Policy = Policies.User)]
    [Idempotent]
    public async Task<ObjectResult> Once(string name, OnceBody body)
    {
        var run = Runs.AddOrUpdate(name, 1, (_, runs) => runs + 1);
        if (body.Wait is { } gate)
        {
            await Gates.GetOrAdd(gate, _ => new TaskCompletionSource()).Task;
        }

        if (body.Throw is { } what && (run == 1 || !body.ThrowOnce))
        {
            throw Thrown(what);
        }

        return StatusCode(body.Status ?? StatusCodes.Status201Created, new { Run = run, idempotency.Key });
    }

    [HttpPost("created/{name}")]
    [Authorize(Policy = Policies.User)]
    [Idempotent]
    public CreatedResult CreatedAt(string name) => Created(new Uri($"/probe/{name}", UriKind.Relative), new { Run = Runs.AddOrUpdate(name, 1, (_, runs) => runs + 1) });

    [HttpPost("internal-once/{name}")]
    [Authorize(Policy = Policies.Internal)]
    [Idempotent]
    public object InternalOnce(string name) => new { Run = Runs.AddOrUpdate(name, 1, (_, runs) => runs + 1) };

    private static Exception Thrown(string what) => what switch
    {
        "invalid" => new Refusal(RefusalKind.Invalid, "credits.amount", "An amount is 1 or more.", "creditAmount"),
        "forbidden" => new Refusal(RefusalKind.Forbidden, "refund.limit", "Too much for your role."),
        "not-found" => new Refusal(RefusalKind.NotFound, "payment.not_found", "There is no such payment."),
        "conflict" => new Refusal(RefusalKind.Conflict, "credits.insufficient", "Not enough credits."),
        "unprocessable" => new Refusal(RefusalKind.Unprocessable, "spend.differs", "It was something else before."),
        "unavailable" => new Refusal(RefusalKind.Unavailable, "webhook.queue_full", "Too much at once."),
        "validation" => new ValidationException([new ValidationFailure("Items[0].ProductId", "must be given"), new ValidationFailure("Quantity", "must be 1 or more")]),
        "declined" => new GatewayFailure(GatewayFailureKind.Declined, "card_declined: stolen_card", "stolen_card", null, "The card was declined."),
        "gateway-unavailable" => new GatewayFailure(GatewayFailureKind.Unavailable, "circuit open") { RetryAfter = TimeSpan.FromSeconds(7) },
        "gateway-unknown" => new GatewayFailure(GatewayFailureKind.UnknownOutcome, "timeout"),
        "gateway-our-fault" => new GatewayFailure(GatewayFailureKind.OurFault, "No such API key: sk_test_***", "api_key_expired"),
        "gateway-not-found" => new GatewayFailure(GatewayFailureKind.NotFound, "No such customer", "resource_missing"),
        "gateway-conflict" => new GatewayFailure(GatewayFailureKind.Conflict, "session is complete"),
        "npgsql-unreachable" => new NpgsqlException("Failed to connect to 127.0.0.1:5432", new System.Net.Sockets.SocketException(111)),
        "npgsql-pool" => new NpgsqlException("The connection pool has been exhausted", new TimeoutException()),
        "npgsql-shutdown" => new PostgresException("terminating connection due to administrator command", "FATAL", "FATAL", "57P01"),
        "npgsql-wrapped" => new InvalidOperationException("An exception has been raised that is likely due to a transient failure.", new DbUpdateException("saving", new NpgsqlException("reading", new IOException()))),
        "npgsql-text" => new DbUpdateException("saving", new PostgresException("invalid byte sequence for encoding \"UTF8\": 0x00", "ERROR", "ERROR", "22021")),
        "npgsql-bug" => new DbUpdateException("saving", new PostgresException("duplicate key: secret-row-value", "ERROR", "ERROR", "23505")),
        "concurrency" => new DbUpdateConcurrencyException("expected 1 row"),
        "timeout" => new TimeoutException(),
        "bad-request" => new BadHttpRequestException("too slow", StatusCodes.Status408RequestTimeout),
        _ => new InvalidOperationException("secret-detail-of-a-bug"),
    };
}

public sealed record WhoResponse(Guid Id, string? Email, string? Name, bool Admin, bool Support);

public sealed record OnceBody(string? Wait, string? Throw, bool ThrowOnce = false, int? Status = null);

public sealed record ProbeFilter(ProbeColour? Colour, DateTimeOffset? CreatedAfter);

public enum ProbeColour
{
    Red,
    DarkBlue,
}

public sealed record ProbeLine(Guid ProductId, int Quantity);

public sealed record ProbeBody(string Name, int Quantity, long Amount, ProbeColour Colour, DateTimeOffset At, string? Note, bool? Gift, IReadOnlyList<ProbeLine> Lines, int Optional = 5);

/// <summary>As the webhook endpoint will be: reads its own body, answers its own problems.</summary>
[ApiController]
[Route("api/v1/webhooks/probe")]
[StraightThrough]
[AllowAnonymous]
public sealed class ProbeWebhookController : ControllerBase
{
    [HttpPost]
    [AllowAnonymous]
    public async Task<IActionResult> Receive(CancellationToken cancellationToken)
    {
        var body = await RawBody.ReadAsync(Request, 1024 * 1024, cancellationToken);
        return body is null ? StatusCode(StatusCodes.Status413PayloadTooLarge) : new ObjectResult(new { Bytes = body.Length, Authenticated = User.Identity?.IsAuthenticated == true });
    }

    [HttpPost("{token}")]
    [AllowAnonymous]
    public IActionResult ReceiveGuarded(string token, [FromServices] IServiceProvider services) =>
        ((WebhookPathToken)services.GetService(typeof(WebhookPathToken))!).Matches(token) ? Ok(new { Ok = true }) : NotFound();

    [HttpPut]
    [AllowAnonymous]
    public void Breaks() => throw new InvalidOperationException("secret-detail-of-a-bug");
}
