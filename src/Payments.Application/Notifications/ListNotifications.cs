using FluentValidation;
using MediatR;
using Payments.Application.Shared;
using Payments.Application.Users.Contracts;
using Payments.Domain.Notifications;
using Payments.Domain.Shared;

namespace Payments.Application.Notifications;

/// <summary>What the caller was told, newest first; also what no email was sent of.</summary>
public sealed record ListNotifications(UserId UserId, int? Limit, string? Cursor) : IRequest<Page<NotificationView>>, IPaged;

public sealed record NotificationView(Guid Id, string Type, string Title, string Text, NotificationStatus Status, DateTimeOffset CreatedAt);

internal sealed class ListNotificationsValidator : AbstractValidator<ListNotifications>
{
    public ListNotificationsValidator() => this.PageRules();
}

internal sealed class ListNotificationsHandler(INotificationsDb db, IUserDirectory users, INoticeTexts texts) : IRequestHandler<ListNotifications, Page<NotificationView>>
{
    public async Task<Page<NotificationView>> Handle(ListNotifications query, CancellationToken cancellationToken)
    {
        var rows = await db.NotificationsPageAsync(query.UserId, Cursor.Parse(query.Cursor), query.LimitOf() + 1, cancellationToken);
        var person = await users.FindAsync(query.UserId, cancellationToken);
        return Cursor.PageOf(rows, query.LimitOf(), n => new Cursor(n.CreatedAt, n.Id), n =>
        {
            var text = texts.Write(n.Template, n.Data, person?.Name, person?.TimeZone);
            return new NotificationView(n.Id, n.Template, text.Title, text.Text, n.Status, n.CreatedAt);
        });
    }
}
