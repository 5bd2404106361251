using Microsoft.AspNetCore.Mvc;
using Payments.Application.Shared;

namespace Payments.Api.Edge.Idempotency;

/// <summary>The answer that the first request with this key got.</summary>
internal sealed class ReplayedResult(RememberedAnswer answer) : IActionResult
{
    public async Task ExecuteResultAsync(ActionContext context)
    {
        var response = context.HttpContext.Response;
        response.StatusCode = answer.Status;
        response.Headers[IdempotentAttribute.ReplayedHeader] = "true";
        if (answer.Location is not null)
        {
            response.Headers.Location = answer.Location;
        }

        if (answer.Body.Length > 0)
        {
            response.ContentType = answer.ContentType;
            response.ContentLength = answer.Body.Length;
            await response.Body.WriteAsync(answer.Body, context.HttpContext.RequestAborted);
        }
    }
}
