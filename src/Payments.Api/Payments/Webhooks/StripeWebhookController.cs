using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Api.Edge.Errors;
using Payments.Api.Edge.Limits;
using Payments.Application.Payments.Webhooks;
using Answer = Payments.Api.Edge.Errors.Problem;

namespace Payments.Api.Payments.Webhooks;

/// <summary>Where Stripe delivers its events. 200 only after the event is committed.</summary>
[Route("api/v1/webhooks/stripe")]
[AllowAnonymous]
[StraightThrough]
[ApiExplorerSettings(IgnoreApi = false)]
public sealed class StripeWebhookController(IWebhookInbox inbox) : ControllerBase
{
    private const int MostBytes = 1024 * 1024;
    private static readonly byte[] Received = """{"received":true}"""u8.ToArray();

    /// <summary>Takes one signed event. 400 on a bad signature, 413 over 1 MiB, 503 when it cannot be stored.</summary>
    [HttpPost]
    [AllowAnonymous]
    [ProducesResponseType<ReceivedResponse>(StatusCodes.Status200OK, "application/json")]
    public Task Receive() => ReceiveAsync(HttpContext.RequestAborted);

    /// <summary>The same behind a secret path; a wrong token is 404.</summary>
    [HttpPost("{token}")]
    [AllowAnonymous]
    [ProducesResponseType<ReceivedResponse>(StatusCodes.Status200OK, "application/json")]
    public Task ReceiveGuarded(string token, CancellationToken cancellationToken) =>
        HttpContext.RequestServices.GetRequiredService<WebhookPathToken>().Matches(token)
            ? ReceiveAsync(cancellationToken)
            : Response.WriteAsync(Answer.OfStatus(StatusCodes.Status404NotFound), cancellationToken);

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        if (await RawBody.ReadAsync(Request, MostBytes, cancellationToken) is not { } body)
        {
            await Response.WriteAsync(Answer.OfStatus(StatusCodes.Status413PayloadTooLarge), cancellationToken);
            return;
        }

        var receipt = await inbox.ReceiveAsync(body, Request.Headers["Stripe-Signature"], cancellationToken);
        if (!receipt.Stored)
        {
            await Response.WriteAsync(new Answer(StatusCodes.Status400BadRequest, receipt.RefusalCode!, receipt.Reason!), cancellationToken);
            return;
        }

        Response.ContentType = "application/json";
        Response.ContentLength = Received.Length;
        await Response.Body.WriteAsync(Received, cancellationToken);
    }
}

/// <summary>Written as it is by hand: this answer is given thousands of times a second.</summary>
public sealed record ReceivedResponse(bool Received);
