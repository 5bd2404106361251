using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Domain.Notifications;
using Payments.Domain.Shared;

namespace Payments.Application.Notifications;

/// <summary>Of which types the caller gets email.</summary>
public sealed record GetPreferences(UserId UserId) : IRequest<IReadOnlyList<PreferenceView>>;

/// <param name="CanMute">False: it is about money, and always sent.</param>
public sealed record PreferenceView(string Type, bool Email, bool CanMute);

internal sealed class GetPreferencesHandler(INotificationsDb db) : IRequestHandler<GetPreferences, IReadOnlyList<PreferenceView>>
{
    public async Task<IReadOnlyList<PreferenceView>> Handle(GetPreferences query, CancellationToken cancellationToken)
    {
        var muted = await db.Preferences.AsNoTracking().Where(p => p.UserId == query.UserId && !p.Email).Select(p => p.Type).ToListAsync(cancellationToken);
        return [.. NoticeType.All.Select(t => new PreferenceView(t.Name, !t.CanMute || !muted.Contains(t.Name), t.CanMute))];
    }
}

/// <summary>Switches email of some types on or off; the others stay as they are.</summary>
public sealed record SetPreferences(UserId UserId, IReadOnlyList<PreferenceChange> Items) : IRequest<IReadOnlyList<PreferenceView>>;

public sealed record PreferenceChange(string Type, bool Email);

internal sealed class SetPreferencesValidator : AbstractValidator<SetPreferences>
{
    private const int Most = 100;

    public SetPreferencesValidator() => RuleFor(c => c.Items).Must(items => items.Count <= Most && items.All(i => i is not null) && items.Select(i => i.Type).Distinct(StringComparer.Ordinal).Count() == items.Count)
        .WithMessage($"At most {Most} types, each once.");
}

internal sealed class SetPreferencesHandler(INotificationsDb db, IMediator mediator) : IRequestHandler<SetPreferences, IReadOnlyList<PreferenceView>>
{
    public async Task<IReadOnlyList<PreferenceView>> Handle(SetPreferences command, CancellationToken cancellationToken)
    {
        foreach (var item in command.Items)
        {
            var type = NoticeType.All.FirstOrDefault(t => t.Name == item.Type) ?? throw PreferenceRefusals.Unknown();
            if (!item.Email && !type.CanMute)
            {
                throw PreferenceRefusals.AlwaysSent(type.Name);
            }
        }

        await db.SetPreferencesAsync(command.UserId, command.Items.ToDictionary(i => i.Type, i => i.Email, StringComparer.Ordinal), cancellationToken);
        return await mediator.Send(new GetPreferences(command.UserId), cancellationToken);
    }
}

internal static class PreferenceRefusals
{
    public static Refusal Unknown() => new(RefusalKind.Invalid, "notification.type_unknown", "There is no such type of notification; GET notifications/preferences lists them.", "items");

    public static Refusal AlwaysSent(string type) => new(RefusalKind.Conflict, "notification.always_sent", $"Email of the type {type} is about money or access and is always sent.");
}
