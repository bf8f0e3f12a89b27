//! The credit of users.

use jackfield_domain::{
    Grant, Money, Owner, Result, UserId,
    capability::{ManageBilling, ViewBilling},
};

use crate::{Directory, policy, work::in_work};

impl Directory {
    /// A user's credit: his own, or anyone's for who sees billing.
    ///
    /// # Errors
    /// `Absent(User)`; [`Error::Denied`].
    pub async fn balance(&self, owner: &Owner) -> Result<Money> {
        if !owner.is_own() {
            owner.caller().grant::<ViewBilling>()?;
        }
        Ok(self.user(owner).await?.balance)
    }

    /// Sets a user's credit. The journal keeps the old amount, the new one and the difference.
    ///
    /// # Errors
    /// `Absent(User)`.
    pub async fn set_balance(&self, grant: &Grant<ManageBilling>, id: UserId, balance: Money) -> Result<()> {
        in_work!(self, grant.tenant(), grant.caller().actor(), |work| {
            let mut user = policy::existing_user(work.as_reads(), grant.tenant(), id).await?;
            if user.balance != balance {
                let difference = balance.checked_sub(user.balance);
                let difference = difference.map_or_else(|| "null".to_owned(), |money| money.to_string());
                let detail = format!(
                    r#"{{"balance":{{"from":{},"to":{balance},"difference":{difference}}}}}"#,
                    user.balance
                );
                user.balance = balance;
                self.store_changed(&mut work, &mut user, Some(detail)).await?;
            }
        })
    }
}
