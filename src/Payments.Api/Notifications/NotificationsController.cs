using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Api.Edge;
using Payments.Application.Notifications;
using Payments.Application.Shared;
using Payments.Domain.Notifications;

namespace Payments.Api.Notifications;

/// <summary>What the caller was told, what comes live, and of what email is wanted.</summary>
[Route("api/v1/notifications")]
[Authorize(Policy = Policies.User)]
public sealed class NotificationsController(IMediator mediator, ICurrentUser user) : ControllerBase
{
    /// <summary>What the caller was told, newest first; also what no email was sent of.</summary>
    [HttpGet]
    [Authorize(Policy = Policies.User)]
    public async Task<ListResponse<NotificationResponse>> List([FromQuery] int? limit, [FromQuery] string? cursor, CancellationToken cancellationToken) =>
        ListResponse.From(await mediator.Send(new ListNotifications(user.Id, limit, cursor), cancellationToken), NotificationResponse.From);

    /// <summary>What happens, as it happens, as server-sent events: <c>credits</c> (first, and whenever the balance moves), <c>payment</c>, <c>subscription</c>, <c>notification</c>, <c>resync</c> (some may be lost: read again). Ends with the token; connect again.</summary>
    [HttpGet("stream")]
    [Authorize(Policy = Policies.User)]
    [ProducesResponseType<string>(StatusCodes.Status200OK, EventStream.ContentType)]
    public async Task<IActionResult> Stream(CancellationToken cancellationToken) =>
        new EventStream(await mediator.Send(new OpenLiveStream(user.Id), cancellationToken), token => mediator.Send(new ReadLiveCredits(user.Id), token));

    /// <summary>Of which types the caller gets email.</summary>
    [HttpGet("preferences")]
    [Authorize(Policy = Policies.User)]
    public async Task<ListResponse<PreferenceResponse>> Preferences(CancellationToken cancellationToken) =>
        new([.. (await mediator.Send(new GetPreferences(user.Id), cancellationToken)).Select(PreferenceResponse.From)], null);

    /// <summary>Switches email of some types on or off; those left out stay as they are. What is about money or access is always sent.</summary>
    [HttpPut("preferences")]
    [Authorize(Policy = Policies.User)]
    public async Task<ListResponse<PreferenceResponse>> SetPreferences(PreferencesRequest body, CancellationToken cancellationToken) =>
        new([.. (await mediator.Send(new SetPreferences(user.Id, [.. body.Items.Select(i => new PreferenceChange(i.Type, i.Email))]), cancellationToken)).Select(PreferenceResponse.From)], null);
}

/// <param name="Type">What it is about: <c>renewal-receipt</c>.</param>
/// <param name="Title">One line.</param>
/// <param name="Text">Times in it are in the caller's time zone (claim <c>zoneinfo</c>) and in UTC.</param>
/// <param name="Status">What became of its email; <c>muted</c>: the caller wants none of this type.</param>
public sealed record NotificationResponse(Guid Id, string Type, string Title, string Text, NotificationStatus Status, DateTimeOffset CreatedAt)
{
    internal static NotificationResponse From(NotificationView n) => new(n.Id, n.Type, n.Title, n.Text, n.Status, n.CreatedAt);
}

/// <param name="Type">As in the list of notifications.</param>
/// <param name="Email">Whether email of it is sent.</param>
/// <param name="CanMute">Whether <c>email</c> may be false.</param>
public sealed record PreferenceResponse(string Type, bool Email, bool CanMute)
{
    internal static PreferenceResponse From(PreferenceView p) => new(p.Type, p.Email, p.CanMute);
}

public sealed record PreferencesRequest(IReadOnlyList<PreferenceRequest> Items);

public sealed record PreferenceRequest(string Type, bool Email);
