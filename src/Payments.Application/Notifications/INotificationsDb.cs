using Microsoft.EntityFrameworkCore;
using Payments.Application.Shared;
using Payments.Domain.Notifications;
using Payments.Domain.Shared;

namespace Payments.Application.Notifications;

/// <summary>The notifications module's face of the database.</summary>
public interface INotificationsDb : IUnitOfWork
{
    DbSet<NoticePreference> Preferences { get; }

    /// <summary>Adds those whose fact has no notification yet; the others are there already.</summary>
    /// <returns>The ids of those that were added.</returns>
    Task<IReadOnlySet<Guid>> AddMissingAsync(IReadOnlyList<Notification> notifications, CancellationToken cancellationToken);

    /// <summary>A user's newest notifications before <paramref name="before"/>; what went to the house's own staff is not among them.</summary>
    Task<IReadOnlyList<Notification>> NotificationsPageAsync(UserId userId, Cursor? before, int count, CancellationToken cancellationToken);

    /// <summary>Sets what a user wants of each type; the last word counts.</summary>
    Task SetPreferencesAsync(UserId userId, IReadOnlyDictionary<string, bool> email, CancellationToken cancellationToken);
}
