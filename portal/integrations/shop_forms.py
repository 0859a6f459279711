"""What a brand's staff type about a shop."""

from flask_wtf.file import FileField, FileRequired
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, Length

from portal.web.forms import HouseForm


class NameForm(HouseForm):
    """What a shop is called."""

    name = StringField(
        "Name of the shop",
        [DataRequired("Give the shop a name."), Length(max=120)],
        description="For your team: the shop’s web address will do.",
    )


class SecretForm(HouseForm):
    """The secret a shop signs with. Never shown again."""

    secret = PasswordField("Signing secret", [DataRequired("Paste the signing secret.")])


class AccessForm(HouseForm):
    """The key to a shop's own interface. Left empty, the one already kept stays."""

    address = StringField("Address of the shop", [Length(max=300)])
    key = StringField("Consumer key", [Length(max=200)])
    token = PasswordField("Secret key", [Length(max=300)])


class UploadForm(HouseForm):
    """A file of orders."""

    file = FileField("CSV file", [FileRequired("Choose a file.")])
