using Payments.Application.Shared;

namespace Payments.Api.Edge.Identity;

internal static class Actors
{
    /// <summary>Who is on the line, for the audit log.</summary>
    public static Actor Of(ICurrentUser user, HttpContext http) => new(user.Id, user.Email, http.Connection.RemoteIpAddress?.ToString());
}
